/** Quarter hours that go over LoRa: each is marked on its own when it is acknowledged, whatever the broker has of it. */
import { type Entry, finishLora } from "./archive.js";
import { giveBackLora, walk } from "./quarter-search.js";
import type { LoraQuarters, Quarters } from "./quarters.js";
import { numberAt } from "./sample.js";

/** Entries that are looked at in one call: a few milliseconds. */
const mostEntries = 16;
const quarterSeconds = 900;

/** From now on samples wait for LoRa, too. */
export function createLoraQuarters(quarters: Quarters): LoraQuarters {
	const lora: LoraQuarters = { search: null, pending: true, next: null, taken: [], lost: 0, delivered: 0 };
	quarters.lora = lora;
	return lora;
}

/** The oldest that neither arrived nor is under way; null where there is none, or it is not found yet. Sees some entries further at each call. */
export function peekLora(quarters: Quarters, lora: LoraQuarters): LoraQuarters["next"] {
	if (lora.next !== null || !lora.pending) return lora.next;
	const found = walk(quarters, lora, isAwaiting, mostEntries);
	if (found === null) lora.pending = false;
	if (found === null || found === undefined) return null;
	const { offset, sample } = found;
	const { time } = sample;
	// One without a time is of no quarter hour.
	if (time === null) return null;
	const quarter = Math.floor(time / quarterSeconds);
	lora.next = { offset, quarter, imported: numberAt(sample, 0), exported: numberAt(sample, 1) };
	return lora.next;
}

function isAwaiting({ lora }: Quarters, entry: Entry): boolean {
	return entry.awaitsLora && lora?.taken.includes(entry.offset) === false;
}

/** What `peekLora` has shown is under way. */
export function takeLora(lora: LoraQuarters): void {
	if (lora.next !== null) lora.taken.push(lora.next.offset);
	lora.next = null;
}

/** All that are under way arrived, or come again. Never throws; without its mark one is sent once more after the next boot. */
export function endLora(quarters: Quarters, lora: LoraQuarters, arrived: boolean): void {
	const { taken } = lora;
	for (const offset of taken) {
		if (!arrived) {
			giveBackLora(quarters, lora, offset);
			continue;
		}
		lora.delivered += 1;
		try {
			finishLora(quarters.archive, offset);
		} catch {
			quarters.failures += 1;
		}
	}
	taken.length = 0;
}
