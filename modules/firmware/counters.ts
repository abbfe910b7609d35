/** Frame counters over restarts: kept once per quarter hour and at each planned restart, so that recordings stay recordings. */
import { slotName } from "../health/boot-record.js";
import { quarterMs } from "../meter/account.js";
import { type KeptCounter, packCounter, unpackCounter } from "../meter/kept-counter.js";
import type { Telegram } from "../p1/reader.js";
import { restoreCounter } from "../p1/replay.js";
import { attempt } from "../ports/guard.js";
import { noteException } from "./guard.js";
import type { Firmware, Line, MeterLine } from "./state.js";

/** The store's name of a meter's last counter. */
export const counterName = "counter";

/** What is kept in a slot for the keys of this line; null where nothing is, or where the keys were others. */
export function readKept({ ports }: Firmware, { keys }: Line, slot: number): KeptCounter | null {
	const text = slot < 0 ? null : ports.store.read(slotName(counterName, slot));
	const kept = text === null ? null : unpackCounter(text);
	return kept !== null && kept.keys === keys ? kept : null;
}

/** At the boot: each line knows the meters that its keys have opened. */
export function restoreCounters(firmware: Firmware): void {
	const { lines, bootRecord } = firmware;
	for (const line of lines) {
		for (let slot = 0; slot < bootRecord.meters.length; slot += 1) {
			const kept = readKept(firmware, line, slot);
			if (kept === null) continue;
			restoreCounter(line.reader.frameCounters, kept.systemTitle, kept.frameCounter, kept.clock);
		}
	}
}

/** The quarter hour in which something is written, by the meter's clock, or by the reader's own where that has none. */
export function quarterOf(clock: number | null, now: number): number {
	return Math.floor((clock ?? now) / quarterMs);
}

/** An authenticated telegram of the meter: the first of a quarter hour is kept. */
export function noteCounter(firmware: Firmware, meter: MeterLine, telegram: Telegram, now: number): void {
	const { readings, frameCounter } = telegram;
	const clock = readings.clock === "reader" ? null : readings.time;
	const quarter = quarterOf(clock, now);
	if (quarter === meter.keptQuarter || frameCounter === null) return;
	meter.keptQuarter = quarter;
	keepCounter(firmware, meter, frameCounter, clock);
}

/** Before a restart that is planned: nothing is open afterwards. */
export function keepCounters(firmware: Firmware): void {
	for (const meter of firmware.meters) {
		const { meters } = meter.line.reader.frameCounters;
		const found = meters.find(({ systemTitle }) => systemTitle === meter.systemTitle);
		if (found === undefined || found.last < 0 || found.last === meter.keptCounter) continue;
		keepCounter(firmware, meter, found.last, found.clock);
	}
}

function keepCounter(firmware: Firmware, meter: MeterLine, frameCounter: number, clock: number | null): void {
	const { slot, systemTitle, line } = meter;
	const { keys } = line;
	if (slot < 0 || systemTitle === null || keys === null) return;
	meter.keptCounter = frameCounter;
	const policy = firmware.checked.settings.authentication;
	const text = packCounter({ keys, systemTitle, frameCounter, clock, policy, isRequired: false });
	attempt(
		() => firmware.ports.store.write(slotName(counterName, slot), text),
		error => noteException(firmware, "store", error),
	);
}
