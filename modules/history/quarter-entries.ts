/** What an entry of a sector of quarter hours says: what a meter's samples are like, or one of them. */
import { readText } from "../p1/hex-text.js";
import { type Archive, type Entry, firstOffset, longestPayload, readEntry, readPayload } from "./archive.js";
import {
	countNumbers,
	decodeSample,
	encodeSample,
	longestSample,
	registerSignature,
	type Sample,
	type Shape,
} from "./sample.js";

/** A description that samples of its sector name by its number. */
export interface DescribedShape {
	readonly number: number;
	readonly shape: Shape;
}

export const shapeType = 1;
/** A sample that an earlier build wrote: it is of the description before it, which has no number either. */
const unnumberedSample = 2;
const unnumbered = -1;
/** The type of a sample is this plus the number of its description. */
export const numberedSample = 16;
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

export function eachEntry(archive: Archive, sector: number, visit: (entry: Entry) => void): void {
	let offset = firstOffset(archive, sector);
	for (let entry = readEntry(archive, offset); entry !== null; entry = readEntry(archive, offset)) {
		visit(entry);
		offset = entry.next;
	}
}

/** Adds the description in this entry, if it is one that this build can read, to those of its sector. */
export function noteShape(archive: Archive, entry: Entry, shapes: DescribedShape[]): void {
	if (entry.whole && entry.type !== shapeType) return;
	const described = entry.whole ? readShape(archive, entry) : null;
	// An earlier build's samples belong to the description before them, which this one may have been.
	if (described === null || described.number === unnumbered) keepOnly(shapes, other => other.number !== unnumbered);
	if (described !== null) shapes.push(described);
}

/** What the sample in this entry is like; null where there is no sample, or none that can be read. */
export function findShape(entry: Entry, shapes: readonly DescribedShape[]): Shape | null {
	if (!isSample(entry) || !entry.whole) return null;
	const wanted = entry.type === unnumberedSample ? unnumbered : entry.type - numberedSample;
	return shapes.find(({ number }) => number === wanted)?.shape ?? null;
}

export function isSample({ type }: Entry): boolean {
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

export function readSample(archive: Archive, entry: Entry, shape: Shape): Sample | null {
	const bytes = readPayload(archive, entry);
	return decodeSample({ bytes, at: 0, end: bytes.length }, countNumbers(shape), null);
}

/** JSON in ASCII: whatever is not is escaped. Null where it is longer than an entry, as no real meter's is. */
export function encodeShape({ number, shape }: DescribedShape): Uint8Array | null {
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

export function encodeWhole(sample: Sample): Uint8Array {
	const scratch = new Uint8Array(longestSample);
	return scratch.slice(0, encodeSample(sample, null, scratch, 0));
}

export function keepOnly<Item>(items: Item[], keep: (item: Item) => boolean): void {
	for (let at = items.length - 1; at >= 0; at--) if (!keep(items[at]!)) items.splice(at, 1);
}
