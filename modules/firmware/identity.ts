/** Which meter a telegram is of, and what a meter is called. */
import type { Telegram } from "../p1/reader.js";
import type { Firmware, Line, MeterLine } from "./state.js";

/**
 * The meter that sent the telegram; null for one that is not known yet. One without its serial number is of the meter with its
 * system title, or of the one before on this line.
 */
export function findMeter({ meters }: Firmware, line: Line, { readings, systemTitle }: Telegram): MeterLine | null {
	const { serial } = readings;
	if (serial !== null) return meters.find(({ name }) => name === serial) ?? null;
	let found: MeterLine | null = null;
	for (const meter of meters) {
		if (systemTitle !== null && meter.systemTitle === systemTitle) return meter;
		if (meter.line === line && (found === null || meter.lastTelegram > found.lastTelegram)) found = meter;
	}
	return found;
}

/** Its serial number; else the name of the meter that was known before the boot; else its system title. */
export function nameMeter(firmware: Firmware, line: Line, { readings, systemTitle }: Telegram): string {
	return readings.serial ?? expectedName(firmware, line) ?? systemTitle ?? "unknown";
}

/** The name of the line's meter before its first telegram: where there is one line, and one meter was known before the boot. */
export function expectedName({ lines, meters, bootRecord }: Firmware, line: Line): string | null {
	const known = bootRecord.meters.filter(name => name !== null);
	return lines.length === 1 && lines[0] === line && meters.length === 0 && known.length === 1 ? known[0]! : null;
}
