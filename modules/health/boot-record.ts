import type { Store } from "../ports/ports.js";

/** What the store remembers from one boot to the next. */
export interface Memory {
	/** Boots since the settings were new, this one included. */
	boots: number;
	/** How often the firmware restarted the device because the broker stayed away. */
	restarts: number;
	/** Why the firmware gave up last, or null. */
	lastAbort: string | null;
	/** The name of the meter, for topics before its first telegram. */
	meter: string | null;
}

/** Reads the memory and counts the boot: one write. Never throws. */
export function openMemory(store: Store): Memory {
	const memory: Memory = {
		boots: readCount(store, "boots") + 1,
		restarts: readCount(store, "restarts"),
		lastAbort: store.read("abort"),
		meter: store.read("meter"),
	};
	tryWrite(store, "boots", String(memory.boots));
	return memory;
}

function readCount(store: Store, name: string): number {
	const count = Number(store.read(name) ?? "0");
	return Number.isSafeInteger(count) && count >= 0 ? count : 0;
}

/** To be called before the restart. */
export function rememberRestart(memory: Memory, store: Store): void {
	memory.restarts++;
	tryWrite(store, "restarts", String(memory.restarts));
}

/** Keeps the name of the meter where it is new. */
export function rememberMeter(memory: Memory, store: Store, name: string): void {
	if (memory.meter === name) return;
	memory.meter = name;
	tryWrite(store, "meter", name.slice(0, 64));
}

export function rememberAbort(memory: Memory, store: Store, text: string): void {
	memory.lastAbort = text.slice(0, 120);
	tryWrite(store, "abort", memory.lastAbort);
}

/** These memories are worth less than going on. */
function tryWrite(store: Store, name: string, value: string): void {
	try {
		store.write(name, value);
	} catch {
		// The store is full or worn out; diagnostics are then less complete after the next boot.
	}
}
