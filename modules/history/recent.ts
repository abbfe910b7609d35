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
 * The last readings at full resolution, in RAM: a ring of blocks, each of which begins with a whole sample and goes on with
 * differences. The oldest block goes when a new one is needed. Each reading has a sequence number, and waits, is under way,
 * or is settled.
 */
export interface Recent {
	/** All samples, and a byte for the state of each reading; every block has its share of both. */
	readonly bytes: Uint8Array;
	readonly states: Uint8Array;
	readonly blocks: Block[];
	/** The block that is being filled. */
	newest: number;
	nextSequence: number;
	/** The last sample of the newest block. */
	last: Sample | null;
	/** Readings that wait. */
	waiting: number;
	/** Readings that went out of memory before they were settled. */
	dropped: number;
	reading: Reading | null;
}

interface Block {
	shape: Shape | null;
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

const blockLength = 2_048;
/** So many of the smallest samples come close to a block's length. */
const blockCapacity = 84;

const settled = 0;
const underWay = 1;
const waiting = 2;

/** Allocates all of its memory: 2.1 KiB for each block. An hour takes 5 of them, or 12 when all of a meter's numbers change. */
export function createRecent(blockCount: number): Recent {
	const blocks: Block[] = [];
	for (let at = 0; at < blockCount; at++) blocks.push({ shape: null, first: 0, count: 0, waiting: 0, length: 0 });
	return {
		bytes: new Uint8Array(blockCount * blockLength),
		states: new Uint8Array(blockCount * blockCapacity),
		blocks,
		newest: 0,
		nextSequence: 1,
		last: null,
		waiting: 0,
		dropped: 0,
		reading: null,
	};
}

/** Keeps a reading and returns its sequence number; it is under way at first, since it goes to the broker at once. */
export function addRecent(recent: Recent, shape: Shape, sample: Sample): number {
	const { bytes, states, blocks } = recent;
	const scratch = new Uint8Array(longestSample);
	let block = blocks[recent.newest]!;
	const isSame = block.shape !== null && isSameShape(block.shape, shape);
	let previous = isSame ? recent.last : null;
	let length = encodeSample(sample, previous, scratch, 0);
	if (previous === null || block.length + length > blockLength || block.count === blockCapacity) {
		// One shape for all blocks that are alike, so that memory does not grow with each.
		block = openBlock(recent, isSame ? block.shape! : shape);
		previous = null;
		length = encodeSample(sample, null, scratch, 0);
	}
	bytes.set(scratch.subarray(0, length), recent.newest * blockLength + block.length);
	states[recent.newest * blockCapacity + block.count] = underWay;
	block.length += length;
	block.count += 1;
	recent.last = sample;
	return recent.nextSequence++;
}

function openBlock(recent: Recent, shape: Shape): Block {
	const { blocks, states } = recent;
	if (blocks[recent.newest]!.shape !== null) recent.newest = (recent.newest + 1) % blocks.length;
	const block = blocks[recent.newest]!;
	const from = recent.newest * blockCapacity;
	for (let at = from; at < from + block.count; at++) if (states[at] !== settled) recent.dropped++;
	recent.waiting -= block.waiting;
	block.shape = shape;
	block.first = recent.nextSequence;
	block.count = 0;
	block.waiting = 0;
	block.length = 0;
	return block;
}

/** True while the reading is in memory. */
export function holdsRecent(recent: Recent, sequence: number): boolean {
	return findBlock(recent, sequence) >= 0;
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
	for (let step = 1; step <= blocks.length; step++) {
		const place = (recent.newest + step) % blocks.length;
		const block = blocks[place]!;
		if (block.waiting === 0) continue;
		const at = states.indexOf(waiting, place * blockCapacity) - place * blockCapacity;
		const sample = decodeAt(recent, place, at);
		const sequence = block.first + at;
		if (sample === null || block.shape === null) throw new Error(`reading ${sequence} cannot be decoded`);
		setState(recent, sequence, underWay);
		return { sequence, shape: block.shape, sample };
	}
	return null;
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
