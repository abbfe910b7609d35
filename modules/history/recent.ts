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
	readonly blocks: Block[];
	/** The block that is being filled. */
	newest: number;
	nextSequence: number;
	/** The last sample of the newest block. */
	last: Sample | null;
	readonly scratch: Uint8Array;
	/** Readings that wait. */
	waiting: number;
	/** Readings that went out of memory before they were settled. */
	dropped: number;
	reading: Reading | null;
}

interface Block {
	readonly bytes: Uint8Array;
	length: number;
	shape: Shape | null;
	/** Sequence number of its first reading. */
	first: number;
	/** One per reading. */
	readonly states: State[];
	waiting: number;
}

type State = "waiting" | "underWay" | "settled";

/** Where the last look into a block stopped: readings can only be decoded in their order. */
interface Reading {
	block: Block;
	first: number;
	/** Index of the next reading, and the one before it. */
	next: number;
	cursor: SampleCursor;
	sample: Sample | null;
}

const blockLength = 2_048;

/** Allocates all of its memory: 2 KiB for each block. An hour of a three-phase meter takes 6 to 15 of them. */
export function createRecent(blockCount: number): Recent {
	const blocks: Block[] = [];
	for (let at = 0; at < blockCount; at++) {
		const bytes = new Uint8Array(blockLength);
		blocks.push({ bytes, length: 0, shape: null, first: 0, states: [], waiting: 0 });
	}
	const scratch = new Uint8Array(longestSample);
	return { blocks, newest: 0, nextSequence: 1, last: null, scratch, waiting: 0, dropped: 0, reading: null };
}

/** Keeps a reading and returns its sequence number; it is under way at first, since it goes to the broker at once. */
export function addRecent(recent: Recent, shape: Shape, sample: Sample): number {
	const { scratch } = recent;
	let block = recent.blocks[recent.newest]!;
	const isSame = block.shape !== null && isSameShape(block.shape, shape);
	let previous = isSame ? recent.last : null;
	let end = encodeSample(sample, previous, scratch, 0);
	if (previous === null || block.length + end > blockLength) {
		// One shape for all blocks that are alike, so that memory does not grow with each.
		block = openBlock(recent, isSame ? block.shape! : shape);
		previous = null;
		end = encodeSample(sample, null, scratch, 0);
	}
	block.bytes.set(scratch.subarray(0, end), block.length);
	block.length += end;
	block.states.push("underWay");
	recent.last = sample;
	return recent.nextSequence++;
}

function openBlock(recent: Recent, shape: Shape): Block {
	if (recent.blocks[recent.newest]!.shape !== null) recent.newest = (recent.newest + 1) % recent.blocks.length;
	const block = recent.blocks[recent.newest]!;
	recent.waiting -= block.waiting;
	for (const state of block.states) if (state !== "settled") recent.dropped++;
	block.length = 0;
	block.shape = shape;
	block.first = recent.nextSequence;
	block.states.length = 0;
	block.waiting = 0;
	return block;
}

/** True while the reading is in memory. */
export function holdsRecent(recent: Recent, sequence: number): boolean {
	return findBlock(recent, sequence) !== null;
}

function findBlock(recent: Recent, sequence: number): Block | null {
	for (const block of recent.blocks) {
		if (sequence >= block.first && sequence < block.first + block.states.length) return block;
	}
	return null;
}

export function settleRecent(recent: Recent, sequence: number): void {
	setState(recent, sequence, "settled");
}

export function giveBackRecent(recent: Recent, sequence: number): void {
	setState(recent, sequence, "waiting");
}

function setState(recent: Recent, sequence: number, state: State): void {
	const block = findBlock(recent, sequence);
	if (block === null) return;
	const at = sequence - block.first;
	const before = block.states[at];
	// What has arrived does not wait again.
	if (before === "settled" || before === state) return;
	const change = (state === "waiting" ? 1 : 0) - (before === "waiting" ? 1 : 0);
	block.states[at] = state;
	block.waiting += change;
	recent.waiting += change;
}

/** The oldest reading that waits, now under way, or null. Cost: decodes the readings of its block before it, unless the
 * last look stopped there. */
export function takeRecent(recent: Recent): { sequence: number; shape: Shape; sample: Sample } | null {
	if (recent.waiting === 0) return null;
	const { blocks } = recent;
	for (let step = 1; step <= blocks.length; step++) {
		const block = blocks[(recent.newest + step) % blocks.length]!;
		if (block.waiting === 0) continue;
		const at = block.states.indexOf("waiting");
		const sample = decodeAt(recent, block, at);
		const sequence = block.first + at;
		if (sample === null || block.shape === null) throw new Error(`reading ${sequence} cannot be decoded`);
		setState(recent, sequence, "underWay");
		return { sequence, shape: block.shape, sample };
	}
	return null;
}

function decodeAt(recent: Recent, block: Block, at: number): Sample | null {
	let reading = recent.reading;
	if (reading === null || reading.block !== block || reading.first !== block.first || reading.next > at + 1) {
		const cursor = { bytes: block.bytes, at: 0, end: block.bytes.length };
		reading = { block, first: block.first, next: 0, cursor, sample: null };
		recent.reading = reading;
	}
	const count = countNumbers(block.shape!);
	while (reading.next <= at) {
		reading.sample = decodeSample(reading.cursor, count, reading.sample);
		if (reading.sample === null) return null;
		reading.next++;
	}
	return reading.sample;
}
