/**
 * The first minutes of a new program. Until it is kept, any reset brings the one before back; so it is kept as soon as everything works
 * that worked before, and given up where that does not come.
 */
import type { Store } from "../ports/ports.js";

/** What has to work again, of what worked before the restart. */
export interface Working {
	readonly network: boolean;
	/** A session with the broker, or pages that can be asked for: the way to the next update. */
	readonly reachable: boolean;
	/** Settings that were kept. */
	readonly settings: boolean;
	/** A meter's telegrams. */
	readonly meter: boolean;
}

/** What is remembered over the restart. */
export interface UpdateRecord {
	/** The new program's version. */
	readonly to: string;
	readonly wanted: Working;
}

export const trialMs = 15 * 60_000;
const recordName = "update";
const letters: readonly (keyof Working)[] = Object.freeze(["network", "reachable", "settings", "meter"] as const);

/** To be called before the restart. Never throws: without a record the new program is kept once it has an address. */
export function rememberUpdate(store: Store, { to, wanted }: UpdateRecord): void {
	const works = letters.filter(name => wanted[name]).join(" ");
	try {
		store.write(recordName, `${to}\n${works}`);
	} catch {
		// The store is full or worn out.
	}
}

/** Null where no update was under way. */
export function recallUpdate(store: Store): UpdateRecord | null {
	const [to, works] = (store.read(recordName) ?? "").split("\n");
	if (to === undefined || works === undefined) return null;
	const names = works.split(" ");
	const has = (name: keyof Working) => names.includes(name);
	return {
		to,
		wanted: { network: has("network"), reachable: has("reachable"), settings: has("settings"), meter: has("meter") },
	};
}

/** The update is over. Never throws. */
export function forgetUpdate(store: Store): void {
	try {
		if (store.read(recordName) !== null) store.remove(recordName);
	} catch {
		// It is said once more after the next boot.
	}
}

/** What of the wanted does not work yet, in words; empty where all does. */
export function listMissing(wanted: Working, works: Working): string[] {
	return letters.filter(name => wanted[name] && !works[name]);
}
