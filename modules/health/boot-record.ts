/** What the store remembers from one boot to the next. */
import type { Store } from "../ports/ports.js";

export interface BootRecord {
	/** Boots since the settings were new, this one included. */
	boots: number;
	/** How often the firmware restarted the device because the broker stayed away. */
	restarts: number;
	/** Why the firmware gave up last, or null; and how many runs in a row up to this one ended so within an hour. */
	lastAbort: string | null;
	aborts: number;
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

/** Reads the record and counts the boot: one write, and up to four more where the run before ended by itself. Never throws. */
export function openBootRecord(store: Store, resetReason: string): BootRecord {
	const meters: (string | null)[] = [];
	for (let slot = 0; slot < meterSlots; slot += 1) meters.push(store.read(slotName("meter", slot)));
	const isWanted = store.read(wantedName) !== null;
	const kept = store.read("abort");
	// Where all slots are taken the hook of XS that keeps the reason cannot run either.
	const ended = kept ?? (isFailure(resetReason, isWanted) ? resetReason : null);
	const record: BootRecord = {
		boots: readCount(store, "boots") + 1,
		restarts: readCount(store, "restarts"),
		lastAbort: ended ?? store.read(lastName),
		aborts: readCount(store, countName),
		meters,
		failures: 0,
	};
	tryWrite(record, store, "boots", String(record.boots));
	if (isWanted) tryRemove(record, store, wantedName);
	if (ended === null) forgetAborts(record, store);
	else {
		record.aborts += 1;
		tryWrite(record, store, countName, String(record.aborts));
		tryWrite(record, store, lastName, ended);
		if (kept !== null) tryRemove(record, store, "abort");
	}
	return record;
}

/** XS gives up with a restart that nobody asked for; what ESP-IDF finds out is a panic or a watchdog. */
function isFailure(resetReason: string, isWanted: boolean): boolean {
	return resetReason === "panic" || resetReason.endsWith("watchdog") || (resetReason === "restart" && !isWanted);
}

/** A restart comes that the firmware wants. One write. */
export function expectRestart(record: BootRecord, store: Store): void {
	tryWrite(record, store, wantedName, "1");
}

/** `abort`: why the run before gave up. When that was read it becomes the last reason, and one of so many in a row. */
const lastName = "lastAbort";
const countName = "aborts";
/** The run before wanted the restart. */
const wantedName = "wanted";
/** A run of so many milliseconds went well, whatever comes of it. */
const longRunMs = 3_600_000;

/** The program is well: what comes next is the first again. To be called now and then; one write at most. */
export function noteRun(record: BootRecord, store: Store, now: number): void {
	if (record.aborts > 0 && now >= longRunMs) forgetAborts(record, store);
}

function forgetAborts(record: BootRecord, store: Store): void {
	if (record.aborts > 0) tryRemove(record, store, countName);
	record.aborts = 0;
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

function tryRemove(record: BootRecord, store: Store, name: string): void {
	try {
		store.remove(name);
	} catch {
		record.failures += 1;
	}
}

/** These values are worth less than going on. */
function tryWrite(record: BootRecord, store: Store, name: string, value: string): void {
	try {
		store.write(name, value);
	} catch {
		// The store is full or worn out; diagnostics are then less complete after the next boot.
		record.failures += 1;
	}
}
