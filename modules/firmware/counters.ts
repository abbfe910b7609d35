/**
 * What the tags of meters have shown, over restarts: frame counters, so that recordings stay recordings, and whether a tag was found
 * good. Written once per quarter hour, at each planned restart, and when `automatic` begins to ask for tags.
 */
import { slotName } from "../health/boot-record.js";
import { quarterMs } from "../meter/account.js";
import { type KeptCounter, packCounter, unpackCounter } from "../meter/kept-counter.js";
import { enoughTags } from "../p1/automatic.js";
import { type MeterCounter, restoreCounter } from "../p1/replay.js";
import { guard } from "./guard.js";
import { forgetTitles } from "./plugs.js";
import type { Arrival, Firmware, Line, MeterLine } from "./state.js";

/** The store's names: of a meter's last counter, and of the keys whose line asks for tags. */
const counterName = "counter";
const lineName = "automatic";

/** What is kept in a slot; null where nothing whole is. */
function readSlot({ ports }: Firmware, slot: number): KeptCounter | null {
	const text = slot < 0 ? null : ports.store.read(slotName(counterName, slot));
	return text === null ? null : unpackCounter(text);
}

/** The same where it is of one of the keys. */
export function readKept(firmware: Firmware, slot: number): KeptCounter | null {
	const kept = readSlot(firmware, slot);
	return kept !== null && firmware.fingerprints.includes(kept.keys) ? kept : null;
}

/** Whether the meter's tag was found good, and nobody has set keys or policy since. */
export function isVouched({ checked }: Firmware, kept: KeptCounter | null): boolean {
	return kept !== null && kept.policy === checked.settings.authentication;
}

/** The name of the meter that sent with this system title before the boot, or null. */
export function findKeptName(firmware: Firmware, systemTitle: string): string | null {
	const { meters } = firmware.bootRecord;
	const slot = meters.findIndex((_, at) => readKept(firmware, at)?.systemTitle === systemTitle);
	return slot < 0 ? null : meters[slot]!;
}

/** The names of meters whose tag was found good before the boot: what has none does not take their place. */
export function listVouched(firmware: Firmware): string[] {
	const { meters } = firmware.bootRecord;
	const found = meters.filter((_, slot) => isVouched(firmware, readKept(firmware, slot)));
	return found.filter(name => name !== null);
}

/** At the boot: the meters that the keys have opened are known. Other keys or another policy end what tags have shown. */
export function restoreCounters(firmware: Firmware): void {
	const { lines, bootRecord, ports, fingerprints } = firmware;
	// A reader that only counts pulses now may have a meter again.
	if (lines.length === 0) return;
	const { frameCounters } = firmware.wires[0]!.reader;
	for (let slot = 0; slot < bootRecord.meters.length; slot += 1) {
		const kept = readSlot(firmware, slot);
		if (kept === null) continue;
		const key = fingerprints.indexOf(kept.keys);
		const vouched = key >= 0 && isVouched(firmware, kept);
		if (key >= 0) {
			const tags = vouched && kept.isRequired ? enoughTags : 0;
			restoreCounter(frameCounters, kept.systemTitle, kept.frameCounter, kept.clock, tags, key);
			for (const line of lines) {
				if (lines.length === 1 || line.title === kept.systemTitle) line.knowsTags ||= vouched;
			}
		}
		if (!vouched) endTags(firmware, slot, kept);
	}
	lines.forEach((line, at) => {
		const { automatic } = line.tally;
		const stored = ports.store.read(slotName(lineName, at));
		line.keptRequired = automatic !== null && stored !== null && stored === nameKeys(firmware);
		if (line.keptRequired) automatic!.tags = enoughTags;
		else if (stored !== null) remove(firmware, slotName(lineName, at));
	});
}

/** The quarter hour in which something is written, by the meter's clock, or by the reader's own where that has none. */
export function quarterOf(clock: number | null, now: number): number {
	return Math.floor((clock ?? now) / quarterMs);
}

/** An authenticated telegram of the meter. The first of a quarter hour is kept, and the one that makes ten good tags. */
export function noteCounter(firmware: Firmware, { meter, telegram, now }: Arrival): void {
	const { readings, frameCounter } = telegram;
	const { automatic } = meter.line.tally;
	keepLine(firmware, meter.line);
	const isRequired = meter.keptRequired || (automatic !== null && (findCounter(meter)?.tags ?? 0) >= enoughTags);
	const clock = readings.clock === "reader" ? null : readings.time;
	const quarter = quarterOf(clock, now);
	if ((quarter === meter.keptQuarter && isRequired === meter.keptRequired) || frameCounter === null) return;
	meter.keptQuarter = quarter;
	meter.keptRequired = isRequired;
	keepCounter(firmware, meter, frameCounter, clock);
}

/** Before a restart that is planned: nothing is open afterwards. */
export function keepCounters(firmware: Firmware): void {
	for (const meter of firmware.meters) {
		const found = findCounter(meter);
		if (found === undefined || found.last < 0 || found.last === meter.keptCounter) continue;
		keepCounter(firmware, meter, found.last, found.clock);
	}
}

function findCounter({ line, systemTitle }: MeterLine): MeterCounter | undefined {
	return line.wire.reader.frameCounters.meters.find(counter => counter.systemTitle === systemTitle);
}

function keepCounter(firmware: Firmware, meter: MeterLine, frameCounter: number, clock: number | null): void {
	const { slot, systemTitle } = meter;
	const keys = firmware.fingerprints[findCounter(meter)?.key ?? -1];
	if (slot < 0 || systemTitle === null || keys === undefined || firmware.endedBy === "key") return;
	meter.keptCounter = frameCounter;
	const policy = firmware.endedBy === null ? firmware.checked.settings.authentication : "";
	const kept = { keys, systemTitle, frameCounter, clock, policy, isRequired: meter.keptRequired };
	write(firmware, slotName(counterName, slot), packCounter(kept));
}

/** Once, when the line begins to ask for tags. */
function keepLine(firmware: Firmware, line: Line): void {
	const { tally } = line;
	if (line.keptRequired || (tally.automatic?.tags ?? 0) < enoughTags) return;
	if (firmware.fingerprints.length === 0 || firmware.endedBy !== null) return;
	line.keptRequired = true;
	write(firmware, slotName(lineName, firmware.lines.indexOf(line)), nameKeys(firmware));
}

/** Tells whether the keys are those of before the boot. */
function nameKeys({ fingerprints }: Firmware): string {
	return fingerprints.join(" ");
}

/** The owner has set this setting. */
export function forgetLearnt(firmware: Firmware, name: string): void {
	if (name === "meters" || name === "keys") forgetTitles(firmware);
	if (name === "key" || name === "keys") endAllTags(firmware, "key");
	else if (name === "authenticationKey" || name === "authentication") endAllTags(firmware, "policy");
}

/**
 * The owner has set a key or the policy, be it to what it was: it counts from the next boot on, and what tags have shown is over then.
 * A counter stays, but for another key.
 */
function endAllTags(firmware: Firmware, by: "key" | "policy"): void {
	if (firmware.endedBy !== "key") firmware.endedBy = by;
	for (let slot = 0; slot < firmware.bootRecord.meters.length; slot += 1) {
		const kept = readSlot(firmware, slot);
		if (by === "key") remove(firmware, slotName(counterName, slot));
		else if (kept !== null) endTags(firmware, slot, kept);
	}
	firmware.lines.forEach((_, at) => {
		remove(firmware, slotName(lineName, at));
	});
}

function endTags(firmware: Firmware, slot: number, kept: KeptCounter): void {
	if (kept.policy === "") return;
	write(firmware, slotName(counterName, slot), packCounter({ ...kept, policy: "", isRequired: false }));
}

function write(firmware: Firmware, name: string, value: string): void {
	guard(firmware, "store", ({ ports }) => ports.store.write(name, value), null);
}

function remove(firmware: Firmware, name: string): void {
	const { store } = firmware.ports;
	guard(firmware, "store", () => store.read(name) !== null && store.remove(name), null);
}
