/** Which meter a telegram is of, and what a meter is called. */
import { identifyMeter } from "../messages/topics.js";
import type { Telegram } from "../p1/reader.js";
import { readerName } from "../uplink/names.js";
import { hasNetwork } from "../uplink/uplink.js";
import { findKeptName } from "./counters.js";
import type { Firmware, Line, MeterLine } from "./state.js";

/**
 * The meter that sent the telegram; null for one that is not known yet. One without its serial number is found by its equipment
 * identifier or its system title; one without any of them is of the meter that sent last on this line.
 */
export function findMeter({ meters }: Firmware, line: Line, { readings, systemTitle }: Telegram): MeterLine | null {
	const { serial, equipment } = readings;
	if (serial !== null) return meters.find(({ name }) => name === serial) ?? null;
	let found: MeterLine | null = null;
	for (const meter of meters) {
		if (equipment !== null && (meter.equipment === equipment || meter.name === equipment)) return meter;
		if (systemTitle !== null && meter.systemTitle === systemTitle) return meter;
		if (meter.line === line && (found === null || meter.lastTelegram > found.lastTelegram)) found = meter;
	}
	return equipment === null && systemTitle === null ? found : null;
}

/**
 * What a new meter is called: by its serial number; else as the meter that was known before the boot, by its title if a tag vouches
 * for that, or because there was only one; else by its equipment identifier, its system title, or the reader's name and the number of the line, so that no two meters share a topic. Null while
 * the reader has no name, because the network is not open.
 */
export function nameMeter(firmware: Firmware, line: Line, telegram: Telegram): string | null {
	const { systemTitle, verdict, readings } = telegram;
	if (readings.serial !== null) return readings.serial;
	const isVouched = systemTitle !== null && verdict === "authenticated";
	const known =
		(isVouched ? findKeptName(firmware, systemTitle) : null) ?? expectedName(firmware, line) ?? identifyMeter(telegram);
	if (known !== null) return known;
	const { uplink, lines } = firmware;
	const reader = readerName(uplink) ?? (hasNetwork(uplink) ? null : "smarty-xs");
	return reader === null ? null : `${reader}-${lines.indexOf(line) + 1}`;
}

/** The name of the line's meter before its first telegram: where there is one line, and one meter was known before the boot. */
export function expectedName({ lines, meters, bootRecord }: Firmware, line: Line): string | null {
	const known = bootRecord.meters.filter(name => name !== null);
	return lines.length === 1 && lines[0] === line && meters.length === 0 && known.length === 1 ? known[0]! : null;
}
