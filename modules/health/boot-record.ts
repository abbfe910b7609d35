/** What the store remembers from one boot to the next. */
import type { Store } from "../ports/ports.js";

export interface BootRecord {
	/** Boots since the settings were new, this one included. */
	boots: number;
	/** How often the firmware restarted the device because the broker stayed away. */
	restarts: number;
	/** Why the firmware gave up last, if that could be kept, or null. */
	lastAbort: string | null;
	/** How many runs in a row up to this one ended by themselves within an hour. */
	failedRuns: number;
	/**
	 * The names of the meters that were seen, one per slot, null where a slot is free. A slot is bound to its meter and not to a line,
	 * so that what is stored under it stays the meter's when plugs are swapped.
	 */
	readonly meters: (string | null)[];
	/** Values that could not be written and that nobody has counted yet. */
	failures: number;
}

/** Meters that a reader knows: as many as it can have. */
export const meterSlots = 6;
const longestName = 64;

/** Reads the record and counts the boot: one write, and one or two more after a run that ended by itself or wanted to. Never throws. */
export function openBootRecord(store: Store, resetReason: string): BootRecord {
	const meters: (string | null)[] = [];
	for (let slot = 0; slot < meterSlots; slot += 1) meters.push(store.read(slotName("meter", slot)));
	const record: BootRecord = {
		boots: readCount(store, "boots") + 1,
		restarts: readCount(store, "restarts"),
		lastAbort: store.read("abort"),
		failedRuns: readCount(store, failedName),
		meters,
		failures: 0,
	};
	tryWrite(record, store, "boots", String(record.boots));
	const isWanted = store.read(wantedName) !== null;
	if (isWanted) tryWrite(record, store, wantedName, null);
	// XS gives up with a restart that nobody asked for; what ESP-IDF finds out is a panic or a watchdog.
	if (resetReason === "panic" || resetReason.endsWith("watchdog") || (resetReason === "restart" && !isWanted)) {
		record.failedRuns += 1;
		tryWrite(record, store, failedName, String(record.failedRuns));
	} else forgetFailed(record, store);
	return record;
}

/** The run before wanted the restart; runs that failed in a row. */
const wantedName = "wanted";
const failedName = "failed";
/** A run of so many milliseconds went well, whatever comes of it. */
const longRunMs = 3_600_000;

/** The program is well: what comes next is the first again. To be called now and then; one write at most. */
export function noteRun(record: BootRecord, store: Store, now: number): void {
	if (now >= longRunMs) forgetFailed(record, store);
}

function forgetFailed(record: BootRecord, store: Store): void {
	if (record.failedRuns > 0) tryWrite(record, store, failedName, null);
	record.failedRuns = 0;
}

/** A restart comes that the firmware wants. One write. */
export function expectRestart(record: BootRecord, store: Store): void {
	tryWrite(record, store, wantedName, "1");
}

/** The store's name of a meter's value: `power` in the first slot, `power2` in the second. */
export function slotName(name: string, slot: number): string {
	return slot === 0 ? name : `${name}${slot + 1}`;
}

function readCount(store: Store, name: string): number {
	const count = Number(store.read(name) ?? "0");
	return Number.isSafeInteger(count) && count >= 0 ? count : 0;
}

/** To be called before the restart. */
export function rememberRestart(record: BootRecord, store: Store): void {
	record.restarts += 1;
	tryWrite(record, store, "restarts", String(record.restarts));
}

/**
 * The slot of the meter with this name. A new meter takes a free slot, and where there is none, the first whose meter is not in
 * `present`; -1 when all are present. One write for a new meter, none for a known one.
 */
export function rememberMeter(record: BootRecord, store: Store, name: string, present: readonly string[]): number {
	const { meters } = record;
	const kept = name.slice(0, longestName);
	const known = meters.indexOf(kept);
	if (known >= 0) return known;
	const free = meters.indexOf(null);
	const slot = free >= 0 ? free : meters.findIndex(other => other !== null && !present.includes(other));
	if (slot < 0) return -1;
	forgetKept(store, slot, false);
	meters[slot] = kept;
	tryWrite(record, store, slotName("meter", slot), kept);
	return slot;
}

/** Frees the slot of the meter with this name, and what is stored there: account and frame counter, too. */
export function forgetSlot(record: BootRecord, store: Store, name: string): void {
	const slot = record.meters.indexOf(name.slice(0, longestName));
	if (slot < 0) return;
	record.meters[slot] = null;
	forgetKept(store, slot, true);
}

/** What is kept under a slot is its meter's. An account names its meter itself; a name is written over. */
function forgetKept(store: Store, slot: number, all: boolean): void {
	for (const name of all ? ["meter", "power", "counter"] : ["counter"]) {
		try {
			if (store.read(slotName(name, slot)) !== null) store.remove(slotName(name, slot));
		} catch {
			// It is known again after the next boot, and can be forgotten again.
		}
	}
}

export function rememberAbort(record: BootRecord, store: Store, text: string): void {
	record.lastAbort = text.slice(0, 120);
	tryWrite(record, store, "abort", record.lastAbort);
}

/** Null takes it away. These values are worth less than going on. */
function tryWrite(record: BootRecord, store: Store, name: string, value: string | null): void {
	try {
		if (value === null) store.remove(name);
		else store.write(name, value);
	} catch {
		// The store is full or worn out; diagnostics are then less complete after the next boot.
		record.failures += 1;
	}
}
