/** The history as bytes, as it lies in RAM and in flash, for a page that decodes them with `sample.ts` and `quarters.ts`. */
import type { Quarters } from "./quarters.js";
import type { Recent } from "./recent.js";
import { registerSignature, type Shape } from "./sample.js";

/** Stands before the samples of a block, as a line of JSON. */
export interface BlockHead {
	/** `registerSignature` of the build that made them. */
	registers: number;
	/** Sequence number of the first sample, and bytes of all of them. */
	first: number;
	length: number;
	shape: Shape;
}

/** Bytes that are copied or read at a time. */
const pieceLength = 256;

/**
 * The last hour of this meter, oldest block first: for each a line of JSON (`BlockHead`) and its samples. Throws where a block had to
 * make room for new readings meanwhile: then the client sees an end that is none, and asks again. Cost: a copy of each byte.
 */
export function* listRecent({ bytes, blocks }: Recent, meter: string): Generator<string | Uint8Array, void> {
	const room = bytes.length / blocks.length;
	for (let last = 0; ; ) {
		let place = -1;
		for (let at = 0; at < blocks.length; at += 1) {
			const { first, shape } = blocks[at];
			if (first <= last || shape?.meter !== meter) continue;
			if (place < 0 || first < blocks[place].first) place = at;
		}
		if (place < 0) return;
		const block = blocks[place];
		// Readings may be added meanwhile: they belong to the next time.
		const { first, length, shape } = block;
		last = first;
		yield `${JSON.stringify({ registers: registerSignature(), first, length, shape })}\n`;
		for (let at = 0; at < length; at += pieceLength) {
			if (block.first !== first) throw new Error("the block holds newer readings now");
			yield bytes.slice(place * room + at, place * room + Math.min(length, at + pieceLength));
		}
	}
}

/**
 * The sectors whose number is above `after`, whole and newest first. Throws where one was erased meanwhile. Cost: reads each once, into
 * one piece.
 */
export function* listQuarters({ archive }: Quarters, after: number): Generator<Uint8Array, void> {
	const { flash, numbers } = archive;
	const piece = new Uint8Array(pieceLength);
	for (let last = Infinity; ; ) {
		let sector = -1;
		let number = 0;
		for (let at = 0; at < numbers.length; at += 1) {
			if (numbers[at] <= after || numbers[at] >= last || numbers[at] <= number) continue;
			sector = at;
			number = numbers[at];
		}
		if (sector < 0) return;
		last = number;
		for (let at = 0; at < flash.sectorSize; at += pieceLength) {
			if (numbers[sector] !== number) throw new Error("the sector holds newer readings now");
			flash.read(sector * flash.sectorSize + at, piece);
			yield piece;
		}
	}
}
