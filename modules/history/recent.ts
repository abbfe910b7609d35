/** The last readings of all meters at full resolution, in RAM. */
import type { ByteCursor } from "./bits.js";
import {
	countNumbers,
	decodeSample,
	encodeSample,
	isSameShape,
	longestSample,
	type Sample,
	type Shape,
} from "./sample.js";

/**
 * The last readings of all meters at full resolution, in RAM: blocks, each of which belongs to one meter, begins with a whole
 * sample and goes on with differences. When a new one is needed, the oldest of all goes, so that meters share the memory. Each
 * reading has a sequence number, and waits, is under way, or is settled.
 */
export interface Recent {
	/** All samples, and a byte for the state of each reading; every block has its share of both. Empty before the first reading. */
	bytes: Uint8Array;
	states: Uint8Array;
	/** What the readings of each block are like; null before its first use. */
	readonly shapes: (Shape | null)[];
	/** Of each block: the sequence number of its first reading, how many readings it has, and how many bytes. */
	readonly marks: Int32Array;
	/** The blocks to which readings are added, one of each meter, and the last sample in them. */
	readonly open: OpenBlock[];
	/** Sequence number of the first reading of the next block. */
	nextFirst: number;
	/** Readings that wait. */
	waiting: number;
	/** Readings that went out of memory before they were settled. */
	dropped: number;
	reading: Reading | null;
}

interface OpenBlock {
	place: number;
	last: Sample;
}

/** Where the last look into a block stopped: readings can only be decoded in their order. */
interface Reading {
	/** Sequence number of the block's first reading. */
	first: number;
	/** Index of the next reading, and the one before it. */
	next: number;
	cursor: ByteCursor;
	sample: Sample | null;
}

const blockLength = 832;
/** So many of the usual samples come close to a block's length. */
const blockCapacity = 64;
/** Bytes of a sample as most are, written as a difference. */
const usualSample = 20;

const settled = 0;
const underWay = 1;
const waiting = 2;

const firstMark = 0;
const countMark = 1;
const lengthMark = 2;
const marksPerBlock = 3;

/** With the first reading it takes all of its memory: 0.9 KiB for each block. */
export function createRecent(blockCount: number): Recent {
	return {
		bytes: new Uint8Array(0),
		states: new Uint8Array(0),
		shapes: new Array<Shape | null>(blockCount).fill(null),
		marks: new Int32Array(blockCount * marksPerBlock),
		open: [],
		nextFirst: 1,
		waiting: 0,
		dropped: 0,
		reading: null,
	};
}

/** A reader that is set up, or whose meter is silent, needs it for something else. */
function takeMemory(recent: Recent): void {
	const count = recent.shapes.length;
	recent.bytes = new Uint8Array(count * blockLength);
	recent.states = new Uint8Array(count * blockCapacity);
}

function mark({ marks }: Recent, place: number, what: number): number {
	return marks[place * marksPerBlock + what]!;
}

/** Sequence number of the first reading of a block; 0 before its first use. */
export function firstOf(recent: Recent, place: number): number {
	return mark(recent, place, firstMark);
}

/** Where the samples of a block are in `bytes`. */
export function samplesOf(recent: Recent, place: number): { start: number; length: number } {
	return { start: place * blockLength, length: mark(recent, place, lengthMark) };
}

/** Keeps a reading and returns its sequence number; it is under way at first, since it goes to the broker at once. */
export function addRecent(recent: Recent, shape: Shape, sample: Sample): number {
	if (recent.bytes.length === 0) takeMemory(recent);
	const { bytes, states, shapes, marks, open } = recent;
	const scratch = new Uint8Array(longestSample);
	let block: OpenBlock | undefined;
	for (let at = 0; at < open.length; at += 1) if (shapes[open[at]!.place]!.meter === shape.meter) block = open[at];
	const known = block === undefined ? null : shapes[block.place]!;
	const isSame = known !== null && isSameShape(known, shape);
	// Where a usual sample has no room none is tried: a run would encode it twice.
	const isTried = block !== undefined && isSame && hasRoom(recent, block.place, usualSample);
	let length = isTried ? encodeSample(sample, block!.last, scratch, 0) : 0;
	if (block === undefined || !isTried || !hasRoom(recent, block.place, length)) {
		if (block !== undefined) open.splice(open.indexOf(block), 1);
		// One shape for all blocks that are alike, so that memory does not grow with each.
		block = openBlock(recent, isSame ? known : shape, sample);
		length = encodeSample(sample, null, scratch, 0);
	}
	const { place } = block;
	const count = mark(recent, place, countMark);
	const used = mark(recent, place, lengthMark);
	bytes.set(scratch.subarray(0, length), place * blockLength + used);
	states[place * blockCapacity + count] = underWay;
	marks[place * marksPerBlock + lengthMark] = used + length;
	marks[place * marksPerBlock + countMark] = count + 1;
	block.last = sample;
	return mark(recent, place, firstMark) + count;
}

function hasRoom(recent: Recent, place: number, length: number): boolean {
	return mark(recent, place, lengthMark) + length <= blockLength && mark(recent, place, countMark) < blockCapacity;
}

/** Begins a block in the place of the oldest one of all. */
function openBlock(recent: Recent, shape: Shape, last: Sample): OpenBlock {
	const { states, shapes, marks, open } = recent;
	let place = 0;
	for (let at = 1; at < shapes.length; at += 1) {
		if (marks[at * marksPerBlock + firstMark]! < marks[place * marksPerBlock + firstMark]!) place = at;
	}
	const from = place * blockCapacity;
	const end = from + mark(recent, place, countMark);
	for (let at = from; at < end; at += 1) {
		const state = states[at];
		if (state === settled) continue;
		recent.dropped += 1;
		if (state === waiting) recent.waiting -= 1;
	}
	for (let at = open.length - 1; at >= 0; at -= 1) if (open[at]!.place === place) open.splice(at, 1);
	shapes[place] = shape;
	marks.fill(0, place * marksPerBlock, (place + 1) * marksPerBlock);
	marks[place * marksPerBlock + firstMark] = recent.nextFirst;
	recent.nextFirst += blockCapacity;
	const block = { place, last };
	open.push(block);
	return block;
}

/** True while the reading is in memory. */
export function holdsRecent(recent: Recent, sequence: number): boolean {
	return findBlock(recent, sequence) >= 0;
}

/** What the reading is like; null when it is not in memory. */
export function shapeOf(recent: Recent, sequence: number): Shape | null {
	const place = findBlock(recent, sequence);
	return place < 0 ? null : recent.shapes[place]!;
}

function findBlock(recent: Recent, sequence: number): number {
	const { shapes, marks } = recent;
	for (let at = 0; at < shapes.length; at += 1) {
		const before = sequence - marks[at * marksPerBlock + firstMark]!;
		if (before >= 0 && before < marks[at * marksPerBlock + countMark]!) return at;
	}
	return -1;
}

export function settleRecent(recent: Recent, sequence: number): void {
	setState(recent, sequence, settled);
}

export function giveBackRecent(recent: Recent, sequence: number): void {
	setState(recent, sequence, waiting);
}

function setState(recent: Recent, sequence: number, state: number): void {
	const place = findBlock(recent, sequence);
	if (place < 0) return;
	const { states } = recent;
	const at = place * blockCapacity + sequence - mark(recent, place, firstMark);
	const before = states[at];
	// What has arrived does not wait again.
	if (before === settled || before === state) return;
	states[at] = state;
	recent.waiting += (state === waiting ? 1 : 0) - (before === waiting ? 1 : 0);
}

/** The oldest reading that waits, now under way, or null. Cost: decodes the readings of its block before it, unless the
 * last look stopped there. */
export function takeRecent(recent: Recent): { sequence: number; shape: Shape; sample: Sample } | null {
	if (recent.waiting === 0) {
		recent.reading = null;
		return null;
	}
	const { states, shapes } = recent;
	let [place, at] = [-1, -1];
	for (let block = 0; block < shapes.length; block += 1) {
		if (place >= 0 && mark(recent, block, firstMark) > mark(recent, place, firstMark)) continue;
		const from = block * blockCapacity;
		const found = states.subarray(from, from + mark(recent, block, countMark)).indexOf(waiting);
		if (found >= 0) [place, at] = [block, found];
	}
	if (place < 0) return null;
	const sample = decodeAt(recent, place, at);
	const shape = shapes[place]!;
	const sequence = mark(recent, place, firstMark) + at;
	if (sample === null || shape === null) throw new Error(`reading ${sequence} cannot be decoded`);
	setState(recent, sequence, underWay);
	return { sequence, shape, sample };
}

function decodeAt(recent: Recent, place: number, at: number): Sample | null {
	const first = mark(recent, place, firstMark);
	let { reading } = recent;
	if (reading === null || reading.first !== first || reading.next > at + 1) {
		const start = place * blockLength;
		const cursor = { bytes: recent.bytes, at: start, end: start + blockLength };
		reading = { first, next: 0, cursor, sample: null };
		recent.reading = reading;
	}
	const count = countNumbers(recent.shapes[place]!);
	while (reading.next <= at) {
		reading.sample = decodeSample(reading.cursor, count, reading.sample);
		if (reading.sample === null) return null;
		reading.next++;
	}
	return reading.sample;
}
