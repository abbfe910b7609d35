import type { Store } from "../ports/ports.js";

/** What the store remembers from one boot to the next. */
export interface BootRecord {
	/** Boots since the settings were new, this one included. */
	boots: number;
	/** How often the firmware restarted the device because the broker stayed away. */
	restarts: number;
	/** Why the firmware gave up last, or null. */
	lastAbort: string | null;
	/** The name of the meter, for topics before its first telegram. */
	meter: string | null;
}

/** Reads the record and counts the boot: one write. Never throws. */
export function openBootRecord(store: Store): BootRecord {
	const record: BootRecord = {
		boots: readCount(store, "boots") + 1,
		restarts: readCount(store, "restarts"),
		lastAbort: store.read("abort"),
		meter: store.read("meter"),
	};
	tryWrite(store, "boots", String(record.boots));
	return record;
}

function readCount(store: Store, name: string): number {
	const count = Number(store.read(name) ?? "0");
	return Number.isSafeInteger(count) && count >= 0 ? count : 0;
}

/** To be called before the restart. */
export function rememberRestart(record: BootRecord, store: Store): void {
	record.restarts++;
	tryWrite(store, "restarts", String(record.restarts));
}

/** Keeps the name of the meter where it is new. */
export function rememberMeter(record: BootRecord, store: Store, name: string): void {
	if (record.meter === name) return;
	record.meter = name;
	tryWrite(store, "meter", name.slice(0, 64));
}

export function rememberAbort(record: BootRecord, store: Store, text: string): void {
	record.lastAbort = text.slice(0, 120);
	tryWrite(store, "abort", record.lastAbort);
}

/** These memories are worth less than going on. */
function tryWrite(store: Store, name: string, value: string): void {
	try {
		store.write(name, value);
	} catch {
		// The store is full or worn out; diagnostics are then less complete after the next boot.
	}
}
