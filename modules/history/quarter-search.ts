/** Quarter hours on their way out of flash: which is next, which are under way, and which have arrived. */
import { type Entry, finishEntry, firstOffset, listSectors, readEntry, sectorOf } from "./archive.js";
import { findShape, keepOnly, noteShape, readSample } from "./quarter-entries.js";
import type { LoraQuarters, Quarters, Search } from "./quarters.js";
import type { Sample, Shape } from "./sample.js";

/** Forgets which samples were in RAM where they are not any more: from now on they are delivered from here. */
export function forgetTwins(quarters: Quarters, isHeld: (sequence: number) => boolean): void {
	for (const { sequence, offset } of quarters.twins) if (!isHeld(sequence)) searchAgain(quarters, offset);
	keepOnly(quarters.twins, twin => isHeld(twin.sequence));
}

/** The oldest sample that is neither delivered nor under way nor in RAM, now under way; null when there is none. */
export function takeQuarter(quarters: Quarters): { offset: number; shape: Shape; sample: Sample } | null {
	if (!quarters.pending) return null;
	const found = searchQuarter(quarters);
	quarters.pending = found !== null;
	return found;
}

function searchQuarter(quarters: Quarters): { offset: number; shape: Shape; sample: Sample } | null {
	const found = walk(quarters, quarters, isUndelivered, Infinity) ?? null;
	if (found !== null) quarters.inFlight.push(found.offset);
	return found;
}

function isUndelivered({ inFlight, twins }: Quarters, entry: Entry): boolean {
	// A twin is delivered from RAM.
	return !entry.done && !inFlight.includes(entry.offset) && !twins.some(twin => twin.offset === entry.offset);
}

/** From the place of a search on, the first sample that is wanted; null where there is none, undefined after `most` entries. */
export function walk(
	quarters: Quarters,
	place: { search: Search | null },
	isWanted: (quarters: Quarters, entry: Entry) => boolean,
	most: number,
): { offset: number; shape: Shape; sample: Sample } | null | undefined {
	const { archive } = quarters;
	for (let count = 0; count < most; count += 1) {
		const search = place.search ?? findSector(quarters, 0);
		if (search === null) return null;
		place.search = search;
		const entry = readEntry(archive, search.offset);
		if (entry === null) {
			place.search = findSector(quarters, archive.numbers[search.sector]!);
			if (place.search === null) {
				place.search = search;
				return null;
			}
			continue;
		}
		search.offset = entry.next;
		noteShape(archive, entry, search.shapes);
		const shape = findShape(entry, search.shapes);
		if (shape === null || !isWanted(quarters, entry)) continue;
		const sample = readSample(archive, entry, shape);
		if (sample !== null) return { offset: entry.offset, shape, sample };
	}
	return undefined;
}

/** The oldest sector with a number above this. */
function findSector(quarters: Quarters, number: number): Search | null {
	const { archive } = quarters;
	const sector = listSectors(archive).find(candidate => archive.numbers[candidate]! > number);
	return sector === undefined ? null : { sector, offset: firstOffset(archive, sector), shapes: [] };
}

/** A sample came to the broker: out of flash (below zero, its offset) or out of RAM. Never throws; without its mark it is
 * delivered once more after the next boot. */
export function settleQuarter(quarters: Quarters, sequence: number): void {
	const { archive, inFlight, twins } = quarters;
	let offset = -1;
	if (sequence < 0 && inFlight.includes(-sequence)) {
		offset = -sequence;
		keepOnly(inFlight, other => other !== offset);
	} else if (sequence > 0) {
		offset = twins.find(twin => twin.sequence === sequence)?.offset ?? -1;
		keepOnly(twins, twin => twin.sequence !== sequence);
	}
	if (offset < 0) return;
	try {
		finishEntry(archive, offset);
	} catch {
		quarters.failures++;
	}
}

/** A sample is not under way any more: the search begins again in its sector. */
export function giveBackQuarter(quarters: Quarters, offset: number): void {
	const { inFlight } = quarters;
	if (!inFlight.includes(offset)) return;
	keepOnly(inFlight, other => other !== offset);
	searchAgain(quarters, offset);
}

/** Takes the search back to the sector of this sample, if it is past it. */
function searchAgain(quarters: Quarters, offset: number): void {
	quarters.pending = true;
	rewind(quarters, quarters, offset);
}

/** The same for a sample that did not arrive over LoRa. */
export function giveBackLora(quarters: Quarters, lora: LoraQuarters, offset: number): void {
	lora.pending = true;
	lora.next = null;
	rewind(quarters, lora, offset);
}

function rewind({ archive }: Quarters, place: { search: Search | null }, offset: number): void {
	const { search } = place;
	const sector = sectorOf(archive, offset);
	// Without one it begins with the oldest sector anyway.
	if (search === null || archive.numbers[search.sector]! < archive.numbers[sector]!) return;
	place.search = { sector, offset: firstOffset(archive, sector), shapes: [] };
}
