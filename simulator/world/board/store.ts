/** The device's store of small values, in which the power can be cut. */

import { type Chance, drawInteger } from "../../chance.js";
import { PowerCut } from "./flash.js";

/** The firmware's small values by name, kept over restarts. A write can be the last before the power goes. */
export interface WorldStore {
	readonly values: Map<string, string>;
	/** Since the beginning. */
	writes: number;
	/** Writes until the power fails in one, or -1. */
	cutAfter: number;
	readonly chance: Chance;
}

export function createWorldStore(chance: Chance): WorldStore {
	return { values: new Map(), writes: 0, cutAfter: -1, chance };
}

/** Null removes. Throws `PowerCut` when the power goes: then the old value is there, the new one, or none at all. */
export function writeStore(store: WorldStore, name: string, value: string | null): void {
	store.writes += 1;
	let kept = value;
	const isCut = store.cutAfter === 0;
	if (store.cutAfter >= 0) store.cutAfter -= 1;
	if (isCut) kept = [value, store.values.get(name) ?? null, null][drawInteger(store.chance, 3)]!;
	if (kept === null) store.values.delete(name);
	else store.values.set(name, kept);
	if (isCut) throw new PowerCut();
}
