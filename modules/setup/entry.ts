/** When set-up is entered: at a boot, for one of four reasons, none of which is that the network is away. */
import type { Store } from "../ports/ports.js";
import type { Settings } from "../settings/settings.js";
import { checksum } from "../settings/storage.js";

/**
 * - `nothing`: neither a network nor LoRa is set, so that there is no other way in or out
 * - `unproven`: the network never came since its name or password was changed
 * - `power`: the owner plugged the reader in three times for a moment
 * - `asked`: at the console
 */
export type EntryReason = "nothing" | "unproven" | "power" | "asked";

/** Names in the store. `setup`: what the run before wants of this boot; `quick`: short runs in a row; `worked`: the network that came. */
const orderName = "setup";
const quickName = "quick";
const workedName = "worked";

/** What the run before can want. `over`: nobody came to set-up, and the next boot is for the reader's work. */
export type Order = "asked" | "unproven" | "over";

/** A run of this length is one that a person made; a shorter one is a contact that bounces. */
const shortestMs = 2_000;
const longestMs = 10_000;
const wantedRuns = 3;
/** So long a network that never came is tried. */
export const unprovenMs = 300_000;

/** Short runs in a row up to this boot, and what became of this one. */
export interface QuickRuns {
	count: number;
	/** The store has `count`, this run included. */
	isCounted: boolean;
	isOver: boolean;
}

export function createQuickRuns(): QuickRuns {
	return { count: 0, isCounted: false, isOver: false };
}

/** What may lead to set-up at a later boot. */
export interface Entry {
	readonly runs: QuickRuns;
	/** Why set-up is entered now; null where it is not. */
	readonly reason: EntryReason | null;
	/** The network that is set has come before, or was given up. */
	isProven: boolean;
}

/** Reads what the runs before have left, and takes it away: it counts for this boot only. Throws what the store throws. */
export function findEntry(
	store: Store,
	resetReason: string,
	{ wifi, lora }: Settings,
	runs: QuickRuns,
): EntryReason | null {
	const order = store.read(orderName);
	if (order !== null) store.remove(orderName);
	const quick = readRuns(store);
	const isPower = resetReason === "power on";
	if (isPower) runs.count = quick;
	if (quick > 0 && (!isPower || quick >= wantedRuns)) {
		store.remove(quickName);
		runs.count = 0;
	}
	// The meter's port folds back by itself, and then it is no person who plugs.
	runs.isOver = !isPower;
	if (isPower && quick >= wantedRuns) return "power";
	if (order === "asked" || (order === "unproven" && wifi !== null)) return order;
	return wifi === null && lora === null && order !== "over" ? "nothing" : null;
}

function readRuns(store: Store): number {
	const count = Number(store.read(quickName) ?? "0");
	return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** Counts this run as a short one as soon as it is long enough for that, and all of them no more once it is too long. At most two writes a boot. */
export function advanceQuickRuns(runs: QuickRuns, store: Store, now: number): void {
	if (runs.isOver || now < shortestMs) return;
	if (now >= longestMs) {
		runs.isOver = true;
		if (runs.count > 0 || runs.isCounted) store.remove(quickName);
	} else if (!runs.isCounted) {
		runs.isCounted = true;
		store.write(quickName, String(runs.count + 1));
	}
}

/** When `advanceQuickRuns` has something to do, monotonic milliseconds, or Infinity. */
export function quickRunsDeadline({ isOver, isCounted }: QuickRuns): number {
	if (isOver) return Infinity;
	return isCounted ? longestMs : shortestMs;
}

/** Leaves word for the next boot. */
export function orderEntry(store: Store, order: Order): void {
	store.write(orderName, order);
}

/** The network with these credentials came. One write for each new one. */
export function proveNetwork(store: Store, settings: Settings): void {
	const mark = markNetwork(settings);
	if (store.read(workedName) !== mark) store.write(workedName, mark);
}

export function isProven(store: Store, settings: Settings): boolean {
	return store.read(workedName) === markNetwork(settings);
}

/** Tells credentials from others; the store has them anyway. */
function markNetwork({ wifi, wifiPassword }: Settings): string {
	return checksum(`${wifi}\n${wifiPassword ?? ""}`);
}
