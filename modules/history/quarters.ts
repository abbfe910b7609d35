/** One reading of each meter for each quarter of an hour, in flash. */
import { readText } from "../p1/hex-text.js";
import type { Flash } from "../ports/ports.js";
import {
	type Archive,
	beginSector,
	type Entry,
	finishEntry,
	firstOffset,
	hasRoom,
	listSectors,
	longestPayload,
	nextSector,
	openArchive,
	readEntry,
	readPayload,
	sectorOf,
	writeEntry,
} from "./archive.js";
import {
	countNumbers,
	decodeSample,
	encodeSample,
	isSameShape,
	longestSample,
	registerSignature,
	type Sample,
	type Shape,
} from "./sample.js";

/** One reading of each meter for each quarter of an hour, in flash, until it was delivered or its sector is needed. */
export interface Quarters {
	readonly archive: Archive;
	/** What was described in the sector that is being filled, since the boot. */
	readonly described: DescribedShape[];
	/** Entries of that sector, its descriptions and samples. */
	entries: number;
	/** The newest sample of each meter at the boot: its time, UTC in seconds. */
	readonly newest: readonly { meter: string; time: number }[];
	/** Where the search for samples to deliver goes on; null begins with the oldest sector. */
	search: Search | null;
	/** False when the search has come to the end, so that it need not be made again and again. */
	pending: boolean;
	/** Offsets of the samples that are under way. */
	readonly inFlight: number[];
	/** Samples that are in RAM too, and are delivered from there. */
	readonly twins: { sequence: number; offset: number }[];
	/** Samples that were never delivered and had to go for newer ones. */
	lost: number;
	/** Writes that the flash did not keep. */
	failures: number;
	/** What is still to go over LoRa; null where nothing goes there. */
	lora: LoraQuarters | null;
}

/** The other way that samples go, each with a mark of its own (`lora-quarters.ts`). */
export interface LoraQuarters {
	search: Search | null;
	/** False when the search has come to the end. */
	pending: boolean;
	/** The one that is taken next, if it is known; Wh, and quarter hours since 1970. */
	next: { offset: number; quarter: number; imported: number | null; exported: number | null } | null;
	/** Offsets of those that are under way. */
	readonly taken: number[];
	/** That had to go for newer ones, and what was acknowledged since the boot. */
	lost: number;
	delivered: number;
}

/** A description that samples of its sector name by its number. */
export interface DescribedShape {
	readonly number: number;
	readonly shape: Shape;
}

export interface Search {
	sector: number;
	offset: number;
	/** The descriptions that were read in this sector, up to the offset. */
	shapes: DescribedShape[];
}

const shapeType = 1;
/** A sample that an earlier build wrote: it is of the description before it, which has no number either. */
const unnumberedSample = 2;
const unnumbered = -1;
/** The type of a sample is this plus the number of its description. */
const numberedSample = 16;
/** Numbers of descriptions are counts of entries; a sector of the smallest ones has fewer. */
const mostEntries = 239;
/** Sectors in which the newest sample of each meter is looked for at the boot: two hours of six meters, a day of one. */
const newestSectors = 3;

/** Reads the headers of all sectors, and the entries of the newest ones. */
export function openQuarters(flash: Flash): Quarters {
	const archive = openArchive(flash);
	let entries = 0;
	if (archive.sector >= 0) eachEntry(archive, archive.sector, () => (entries += 1));
	return {
		archive,
		described: [],
		entries,
		newest: findNewest(archive),
		search: null,
		pending: true,
		inFlight: [],
		twins: [],
		lost: 0,
		failures: 0,
		lora: null,
	};
}

/** The time of each meter's newest sample, UTC in seconds, in the newest sectors. */
function findNewest(archive: Archive): { meter: string; time: number }[] {
	const newest: { meter: string; time: number }[] = [];
	for (const sector of listSectors(archive).slice(-newestSectors)) {
		eachSample(archive, sector, ({ meter }, { time }) => {
			if (time === null) return;
			const known = newest.find(other => other.meter === meter);
			if (known === undefined) newest.push({ meter, time });
			else known.time = time;
		});
	}
	return newest;
}

/** The samples of a sector in their order, delivered or not; those of a build that wrote them otherwise are passed over. */
export function eachSample(archive: Archive, sector: number, visit: (shape: Shape, sample: Sample) => void): void {
	const shapes: DescribedShape[] = [];
	eachEntry(archive, sector, entry => {
		noteShape(archive, entry, shapes);
		const shape = findShape(entry, shapes);
		const sample = shape === null ? null : readSample(archive, entry, shape);
		if (shape !== null && sample !== null) visit(shape, sample);
	});
}

function eachEntry(archive: Archive, sector: number, visit: (entry: Entry) => void): void {
	let offset = firstOffset(archive, sector);
	for (let entry = readEntry(archive, offset); entry !== null; entry = readEntry(archive, offset)) {
		visit(entry);
		offset = entry.next;
	}
}

/** Adds the description in this entry, if it is one that this build can read, to those of its sector. */
function noteShape(archive: Archive, entry: Entry, shapes: DescribedShape[]): void {
	if (entry.whole && entry.type !== shapeType) return;
	const described = entry.whole ? readShape(archive, entry) : null;
	// An earlier build's samples belong to the description before them, which this one may have been.
	if (described === null || described.number === unnumbered) keepOnly(shapes, other => other.number !== unnumbered);
	if (described !== null) shapes.push(described);
}

/** What the sample in this entry is like; null where there is no sample, or none that can be read. */
function findShape(entry: Entry, shapes: readonly DescribedShape[]): Shape | null {
	if (!isSample(entry) || !entry.whole) return null;
	const wanted = entry.type === unnumberedSample ? unnumbered : entry.type - numberedSample;
	return shapes.find(({ number }) => number === wanted)?.shape ?? null;
}

function isSample({ type }: Entry): boolean {
	return type === unnumberedSample || type >= numberedSample;
}

/** Null where the entry is from another version of the firmware. */
function readShape(archive: Archive, entry: Entry): DescribedShape | null {
	const bytes = readPayload(archive, entry);
	try {
		const found: { registers: number; number?: number; shape: Shape } = JSON.parse(readText(bytes, 0, bytes.length));
		if (found.registers !== registerSignature()) return null;
		return { number: found.number ?? unnumbered, shape: found.shape };
	} catch {
		return null;
	}
}

function readSample(archive: Archive, entry: Entry, shape: Shape): Sample | null {
	const bytes = readPayload(archive, entry);
	return decodeSample({ bytes, at: 0, end: bytes.length }, countNumbers(shape), null);
}

/** JSON in ASCII: whatever is not is escaped. Null where it is longer than an entry, as no real meter's is. */
function encodeShape({ number, shape }: DescribedShape): Uint8Array | null {
	const text = JSON.stringify({ registers: registerSignature(), number, shape });
	const bytes = new Uint8Array(longestPayload);
	let end = 0;
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (code > 127) end = writeAscii(`\\u${code.toString(16).padStart(4, "0")}`, bytes, end);
		else bytes[end++] = code;
		if (end > longestPayload) return null;
	}
	return bytes.subarray(0, end);
}

function writeAscii(text: string, bytes: Uint8Array, start: number): number {
	for (let at = 0; at < text.length; at += 1) bytes[start + at] = text.charCodeAt(at);
	return start + text.length;
}

/** Room that a description leaves for the sample that is described; a longer one begins another sector. */
const usualLength = 128;

function encodeWhole(sample: Sample): Uint8Array {
	const scratch = new Uint8Array(longestSample);
	return scratch.slice(0, encodeSample(sample, null, scratch, 0));
}

/**
 * Writes a sample. False where it has begun a sector or described the meter before that, and is to be called again. Throws when the flash does not keep it. Cost: a write of about 120 bytes, for the first of a meter in a sector
 * another of about 400; with one meter an erase of 4 KiB about every eight hours.
 */
export function writeQuarter(
	quarters: Quarters,
	sequence: number,
	shape: Shape,
	sample: Sample,
	awaitsLora = false,
): boolean {
	const { archive, described } = quarters;
	try {
		const known = described.find(other => isSameShape(other.shape, shape));
		const next = { number: quarters.entries, shape };
		const isNew = known === undefined && archive.sector >= 0;
		// A run has time for one of the two.
		const payload = isNew ? encodeShape(next) : encodeWhole(sample);
		if (payload === null) {
			quarters.failures += 1;
			return true;
		}
		const lengths = isNew ? [payload.length, usualLength] : [payload.length];
		if (quarters.entries + 1 >= mostEntries || !hasRoom(archive, ...lengths)) {
			described.length = 0;
			quarters.entries = 0;
			clearSector(quarters, nextSector(archive));
			beginSector(archive);
			return false;
		}
		if (isNew) writeEntry(archive, shapeType, payload);
		else {
			const offset = writeEntry(archive, numberedSample + known!.number, payload, awaitsLora);
			quarters.twins.push({ sequence, offset });
			if (awaitsLora && quarters.lora !== null) quarters.lora.pending = true;
		}
		if (isNew) described.push(next);
		quarters.entries += 1;
		return !isNew;
	} catch (error) {
		// What this sector holds is not known for sure: the next sample is described anew.
		described.length = 0;
		quarters.failures++;
		throw error;
	}
}

/** The sector will be erased: forgets everything in it. */
function clearSector(quarters: Quarters, sector: number): void {
	const { archive, inFlight, twins } = quarters;
	if (archive.numbers[sector]! > 0) {
		eachEntry(archive, sector, entry => {
			if (!isSample(entry) || !entry.whole) return;
			if (!entry.done) quarters.lost++;
			if (entry.awaitsLora && quarters.lora !== null) quarters.lora.lost += 1;
		});
	}
	keepOnly(inFlight, offset => sectorOf(archive, offset) !== sector);
	keepOnly(twins, twin => sectorOf(archive, twin.offset) !== sector);
	if (quarters.search?.sector === sector) quarters.search = null;
	const { lora } = quarters;
	if (lora === null) return;
	keepOnly(lora.taken, offset => sectorOf(archive, offset) !== sector);
	if (lora.next !== null && sectorOf(archive, lora.next.offset) === sector) lora.next = null;
	if (lora.search?.sector === sector) lora.search = null;
}

export function keepOnly<Item>(items: Item[], keep: (item: Item) => boolean): void {
	for (let at = items.length - 1; at >= 0; at--) if (!keep(items[at]!)) items.splice(at, 1);
}

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
