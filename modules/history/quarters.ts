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

/** One reading for each quarter of an hour, in flash, until it was delivered or its sector is needed. */
export interface Quarters {
	readonly archive: Archive;
	/** What the samples of the sector that is being filled are like, or null before its first. */
	shape: Shape | null;
	/** Time of the newest sample at the boot, UTC in seconds. */
	readonly lastTime: number | null;
	/** The name of its meter. */
	readonly lastMeter: string | null;
	/** Where the search for samples to deliver goes on; null begins with the oldest sector. */
	search: { sector: number; offset: number; shape: Shape | null } | null;
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
}

const shapeType = 1;
const sampleType = 2;

/** Reads the headers of all sectors, and the entries of the newest ones up to the last sample. */
export function openQuarters(flash: Flash): Quarters {
	const archive = openArchive(flash);
	const { time: lastTime, meter: lastMeter } = findLast(archive);
	return {
		archive,
		shape: null,
		lastTime,
		lastMeter,
		search: null,
		pending: true,
		inFlight: [],
		twins: [],
		lost: 0,
		failures: 0,
	};
}

/** The time of the last sample, UTC in seconds, and the name of its meter. */
function findLast(archive: Archive): { time: number | null; meter: string | null } {
	for (const sector of listSectors(archive).reverse()) {
		let shape: Shape | null = null;
		let time: number | null = null;
		let meter: string | null = null;
		eachEntry(archive, sector, entry => {
			if (!entry.whole) return;
			if (entry.type === shapeType) {
				shape = readShape(archive, entry);
			} else if (shape !== null) {
				time = readSample(archive, entry, shape)?.time ?? time;
				meter = shape.meter;
			}
		});
		if (time !== null) return { time, meter };
	}
	return { time: null, meter: null };
}

function eachEntry(archive: Archive, sector: number, visit: (entry: Entry) => void): void {
	let offset = firstOffset(archive, sector);
	for (let entry = readEntry(archive, offset); entry !== null; entry = readEntry(archive, offset)) {
		visit(entry);
		offset = entry.next;
	}
}

/** Null where the entry is from another version of the firmware. */
function readShape(archive: Archive, entry: Entry): Shape | null {
	const bytes = readPayload(archive, entry);
	let text = "";
	for (let at = 0; at < bytes.length; at++) text += String.fromCharCode(bytes[at]!);
	try {
		const { registers, shape }: { registers: number; shape: Shape } = JSON.parse(text);
		return registers === registerSignature() ? shape : null;
	} catch {
		return null;
	}
}

function readSample(archive: Archive, entry: Entry, shape: Shape): Sample | null {
	const bytes = readPayload(archive, entry);
	return decodeSample({ bytes, at: 0, end: bytes.length }, countNumbers(shape), null);
}

/** JSON in ASCII: whatever is not is escaped. */
function encodeShape(shape: Shape): Uint8Array {
	const text = JSON.stringify({ registers: registerSignature(), shape });
	let ascii = "";
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		ascii += code < 0x80 ? text.charAt(at) : `\\u${code.toString(16).padStart(4, "0")}`;
	}
	const bytes = new Uint8Array(ascii.length);
	for (let at = 0; at < bytes.length; at++) bytes[at] = ascii.charCodeAt(at);
	return bytes;
}

/** Writes a sample. Throws when the flash does not keep it. Cost: a write of about 120 bytes, and an erase of 4 KiB about
 * every eight hours. */
export function writeQuarter(quarters: Quarters, sequence: number, shape: Shape, sample: Sample): void {
	const { archive } = quarters;
	const scratch = new Uint8Array(longestSample);
	const payload = scratch.slice(0, encodeSample(sample, null, scratch, 0));
	try {
		let known = quarters.shape !== null && isSameShape(quarters.shape, shape);
		const description = encodeShape(shape);
		if (description.length > longestPayload) throw new Error("a meter with too long a description");
		if (known ? !hasRoom(archive, payload.length) : !hasRoom(archive, description.length, payload.length)) {
			clearSector(quarters, nextSector(archive));
			beginSector(archive);
			known = false;
		}
		quarters.shape = null;
		if (!known) writeEntry(archive, shapeType, description);
		const offset = writeEntry(archive, sampleType, payload);
		quarters.shape = shape;
		quarters.twins.push({ sequence, offset });
	} catch (error) {
		quarters.failures++;
		throw error;
	}
}

/** The sector will be erased: forgets everything in it. */
function clearSector(quarters: Quarters, sector: number): void {
	const { archive, inFlight, twins } = quarters;
	if (archive.numbers[sector]! > 0) {
		eachEntry(archive, sector, entry => {
			if (entry.type === sampleType && entry.whole && !entry.done) quarters.lost++;
		});
	}
	keepOnly(inFlight, offset => sectorOf(archive, offset) !== sector);
	keepOnly(twins, twin => sectorOf(archive, twin.offset) !== sector);
	if (quarters.search?.sector === sector) quarters.search = null;
}

function keepOnly<Item>(items: Item[], keep: (item: Item) => boolean): void {
	for (let at = items.length - 1; at >= 0; at--) if (!keep(items[at]!)) items.splice(at, 1);
}

/** Forgets which samples were in RAM where they are not any more. */
export function forgetTwins(quarters: Quarters, isHeld: (sequence: number) => boolean): void {
	keepOnly(quarters.twins, twin => isHeld(twin.sequence));
	quarters.pending = true;
}

/** The oldest sample that is neither delivered nor under way nor in RAM, now under way; null when there is none. */
export function takeQuarter(quarters: Quarters): { offset: number; shape: Shape; sample: Sample } | null {
	if (!quarters.pending) return null;
	const found = searchQuarter(quarters);
	quarters.pending = found !== null;
	return found;
}

function searchQuarter(quarters: Quarters): { offset: number; shape: Shape; sample: Sample } | null {
	const { archive, inFlight, twins } = quarters;
	for (;;) {
		const search = quarters.search ?? findSector(quarters, 0);
		if (search === null) return null;
		quarters.search = search;
		const entry = readEntry(archive, search.offset);
		if (entry === null) {
			quarters.search = findSector(quarters, archive.numbers[search.sector]!);
			if (quarters.search === null) {
				quarters.search = search;
				return null;
			}
			continue;
		}
		// RAM has this one, and everything behind it.
		if (twins.some(twin => twin.offset === entry.offset)) return null;
		search.offset = entry.next;
		if (!entry.whole) {
			// It may have been a description, without which what follows it cannot be read.
			if (entry.type !== sampleType) search.shape = null;
			continue;
		}
		if (entry.type === shapeType) search.shape = readShape(archive, entry);
		if (entry.type !== sampleType || entry.done || inFlight.includes(entry.offset)) continue;
		const sample = search.shape === null ? null : readSample(archive, entry, search.shape);
		if (sample === null) continue;
		inFlight.push(entry.offset);
		return { offset: entry.offset, shape: search.shape!, sample };
	}
}

/** The oldest sector with a number above this. */
function findSector(quarters: Quarters, number: number): Quarters["search"] {
	const { archive } = quarters;
	const sector = listSectors(archive).find(candidate => archive.numbers[candidate]! > number);
	return sector === undefined ? null : { sector, offset: firstOffset(archive, sector), shape: null };
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
	const { archive, inFlight } = quarters;
	if (!inFlight.includes(offset)) return;
	keepOnly(inFlight, other => other !== offset);
	const sector = sectorOf(archive, offset);
	const search = quarters.search;
	quarters.pending = true;
	if (search !== null && archive.numbers[search.sector]! < archive.numbers[sector]!) return;
	quarters.search = { sector, offset: firstOffset(archive, sector), shape: null };
}
