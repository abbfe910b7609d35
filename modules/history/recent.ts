/** The last readings of all meters at full resolution, in RAM. */
import {
	countNumbers,
	decodeSample,
	encodeSample,
	isSameShape,
	longestSample,
	type Sample,
	type SampleCursor,
	type Shape,
} from "./sample.js";

/**
 * The last readings of all meters at full resolution, in RAM: blocks, each of which belongs to one meter, begins with a whole
 * sample and goes on with differences. When a new one is needed, the oldest of all goes, so that meters share the memory. Each
 * reading has a sequence number, and waits, is under way, or is settled.
 */
export interface Recent {
	/** All samples, and a byte for the state of each reading; every block has its share of both. */
	readonly bytes: Uint8Array;
	readonly states: Uint8Array;
	readonly blocks: Block[];
	/** Sequence number of the first reading of the next block. */
	nextFirst: number;
	/** Readings that wait. */
	waiting: number;
	/** Readings that went out of memory before they were settled. */
	dropped: number;
	reading: Reading | null;
}

interface Block {
	/** Null before its first use. */
	shape: Shape | null;
	/** The last sample while readings are added to it, null when its meter has a newer block. */
	last: Sample | null;
	/** Sequence number of its first reading, how many it has, and how many of them wait. */
	first: number;
	count: number;
	waiting: number;
	/** Bytes of its samples. */
	length: number;
}

/** Where the last look into a block stopped: readings can only be decoded in their order. */
interface Reading {
	/** Sequence number of the block's first reading. */
	first: number;
	/** Index of the next reading, and the one before it. */
	next: number;
	cursor: SampleCursor;
	sample: Sample | null;
}

const blockLength = 832;
/** So many of the usual samples come close to a block's length. */
const blockCapacity = 64;

const settled = 0;
const underWay = 1;
const waiting = 2;

/** Allocates all of its memory: 0.9 KiB for each block. */
export function createRecent(blockCount: number): Recent {
	const blocks: Block[] = [];
	for (let at = 0; at < blockCount; at++)
		blocks.push({ shape: null, last: null, first: 0, count: 0, waiting: 0, length: 0 });
	return {
		bytes: new Uint8Array(blockCount * blockLength),
		states: new Uint8Array(blockCount * blockCapacity),
		blocks,
		nextFirst: 1,
		waiting: 0,
		dropped: 0,
		reading: null,
	};
}

/** Keeps a reading and returns its sequence number; it is under way at first, since it goes to the broker at once. */
export function addRecent(recent: Recent, shape: Shape, sample: Sample): number {
	const { bytes, states, blocks } = recent;
	const scratch = new Uint8Array(longestSample);
	let place = findOpenBlock(recent, shape.meter);
	const open = place < 0 ? null : blocks[place]!;
	const isSame = open?.shape != null && isSameShape(open.shape, shape);
	let length = isSame ? encodeSample(sample, open.last, scratch, 0) : 0;
	if (open === null || !isSame || open.length + length > blockLength || open.count === blockCapacity) {
		if (open !== null) open.last = null;
		// One shape for all blocks that are alike, so that memory does not grow with each.
		place = openBlock(recent, isSame ? open.shape! : shape);
		length = encodeSample(sample, null, scratch, 0);
	}
	const block = blocks[place]!;
	bytes.set(scratch.subarray(0, length), place * blockLength + block.length);
	states[place * blockCapacity + block.count] = underWay;
	block.length += length;
	block.count += 1;
	block.last = sample;
	return block.first + block.count - 1;
}

/** The block to which this meter's readings are added, or -1. */
function findOpenBlock({ blocks }: Recent, meter: string): number {
	for (let at = 0; at < blocks.length; at += 1) {
		const { shape, last } = blocks[at]!;
		if (last !== null && shape?.meter === meter) return at;
	}
	return -1;
}

/** Begins a block in the place of the oldest one of all. */
function openBlock(recent: Recent, shape: Shape): number {
	const { blocks, states } = recent;
	let place = 0;
	for (let at = 1; at < blocks.length; at += 1) if (blocks[at]!.first < blocks[place]!.first) place = at;
	const block = blocks[place]!;
	const from = place * blockCapacity;
	for (let at = from; at < from + block.count; at += 1) if (states[at] !== settled) recent.dropped += 1;
	recent.waiting -= block.waiting;
	block.shape = shape;
	block.last = null;
	block.first = recent.nextFirst;
	block.count = 0;
	block.waiting = 0;
	block.length = 0;
	recent.nextFirst += blockCapacity;
	return place;
}

/** True while the reading is in memory. */
export function holdsRecent(recent: Recent, sequence: number): boolean {
	return findBlock(recent, sequence) >= 0;
}

/** What the reading is like; null when it is not in memory. */
export function shapeOf(recent: Recent, sequence: number): Shape | null {
	const place = findBlock(recent, sequence);
	return place < 0 ? null : recent.blocks[place]!.shape;
}

function findBlock({ blocks }: Recent, sequence: number): number {
	for (let at = 0; at < blocks.length; at++) {
		const { first, count } = blocks[at]!;
		if (sequence >= first && sequence < first + count) return at;
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
	const block = recent.blocks[place]!;
	const at = place * blockCapacity + sequence - block.first;
	const before = states[at];
	// What has arrived does not wait again.
	if (before === settled || before === state) return;
	const change = (state === waiting ? 1 : 0) - (before === waiting ? 1 : 0);
	states[at] = state;
	block.waiting += change;
	recent.waiting += change;
}

/** The oldest reading that waits, now under way, or null. Cost: decodes the readings of its block before it, unless the
 * last look stopped there. */
export function takeRecent(recent: Recent): { sequence: number; shape: Shape; sample: Sample } | null {
	if (recent.waiting === 0) return null;
	const { blocks, states } = recent;
	let place = -1;
	for (let at = 0; at < blocks.length; at += 1) {
		if (blocks[at]!.waiting > 0 && (place < 0 || blocks[at]!.first < blocks[place]!.first)) place = at;
	}
	if (place < 0) return null;
	const block = blocks[place]!;
	const at = states.indexOf(waiting, place * blockCapacity) - place * blockCapacity;
	const sample = decodeAt(recent, place, at);
	const sequence = block.first + at;
	if (sample === null || block.shape === null) throw new Error(`reading ${sequence} cannot be decoded`);
	setState(recent, sequence, underWay);
	return { sequence, shape: block.shape, sample };
}

function decodeAt(recent: Recent, place: number, at: number): Sample | null {
	const { first, shape } = recent.blocks[place]!;
	let { reading } = recent;
	if (reading === null || reading.first !== first || reading.next > at + 1) {
		const start = place * blockLength;
		const cursor = { bytes: recent.bytes, at: start, end: start + blockLength };
		reading = { first, next: 0, cursor, sample: null };
		recent.reading = reading;
	}
	const count = countNumbers(shape!);
	while (reading.next <= at) {
		reading.sample = decodeSample(reading.cursor, count, reading.sample);
		if (reading.sample === null) return null;
		reading.next++;
	}
	return reading.sample;
}
