/** The key stream of the frame that is expected next, made in idle time, and the hash of what came of that frame. */
import type { Apdu } from "./apdu.js";
import { type Gcm, isTag, writeBlocks } from "./gcm.js";
import { absorb, absorbLengths } from "./ghash.js";

/**
 * A meter raises its frame counter by one with each frame, so that the counter blocks of the next one are known ten seconds before it
 * comes. Whether it came as expected only decides how long it takes to open it.
 */
export interface Prepared {
	/** System title and frame counter of the frame that is expected. */
	nonce: Uint8Array;
	/** Encrypted counter blocks from J0 on, which masks the tag. Zeros from `made` on. */
	blocks: Uint8Array;
	/** How many bytes of `blocks` are made, of how many; 0 of 0 where no frame is expected. */
	made: number;
	wanted: number;
	/** Where on the line the frame began that `hash` is of, or -1, and how many bytes of its text are in it. */
	position: number;
	hashed: number;
	readonly hash: number[];
}

/** Most bytes of text to make a key stream for: frames with messages are longer, and what is behind is decrypted when they came. */
const most = 2048;

export function createPrepared(): Prepared {
	const none = new Uint8Array(0);
	return { nonce: none, blocks: none, made: 0, wanted: 0, position: -1, hashed: 0, hash: [0, 0, 0, 0] };
}

/** A frame with this nonce, whose text has so many bytes, was authentic: the next one is expected. */
export function expectNext(prepared: Prepared, nonce: Uint8Array, length: number): void {
	wipe(prepared);
	if (prepared.nonce.length !== nonce.length) prepared.nonce = new Uint8Array(nonce.length);
	prepared.nonce.set(nonce);
	const counterStart = nonce.length - 4;
	let at = nonce.length - 1;
	while (at >= counterStart && nonce[at] === 255) at -= 1;
	// A meter stops at the last counter there is (E-Meter P1 Specification 1.1.3, 3.2.5).
	if (at < counterStart) return;
	prepared.nonce[at] += 1;
	prepared.nonce.fill(0, at + 1);
	prepared.wanted = 16 + Math.min(most, (length + 15) & ~15);
}

/** Makes up to `count` more blocks, a quarter of a million instructions each. */
export function makeBlocks(prepared: Prepared, gcm: Gcm, count: number): void {
	const { made, wanted, nonce } = prepared;
	if (made === wanted) return;
	// No shorter than before, so that a meter whose telegrams vary leaves no holes.
	if (prepared.blocks.length < wanted) prepared.blocks = new Uint8Array(wanted);
	const end = Math.min(wanted, made + 16 * count);
	writeBlocks(gcm, nonce, made >> 4, prepared.blocks, made, end);
	prepared.made = end;
}

/** Overwrites what is made, and expects nothing. */
export function wipe(prepared: Prepared): void {
	prepared.blocks.fill(0, 0, prepared.made);
	prepared.made = 0;
	prepared.wanted = 0;
	prepared.position = -1;
}

/** Overwrites what is made, expects nothing and holds no memory. */
export function giveUp(prepared: Prepared): void {
	wipe(prepared);
	prepared.blocks = new Uint8Array(0);
}

/** Whether this is the frame that is expected, and at least its tag can be checked. */
export function isExpected({ made, nonce: expected }: Prepared, nonce: Uint8Array): boolean {
	if (made === 0 || nonce.length !== expected.length) return false;
	let at = nonce.length - 1;
	while (at >= 0 && nonce[at] === expected[at]) at -= 1;
	return at < 0;
}

/** How many bytes of the text, which came up to `end`, are still to be hashed of the frame that began at `position`. */
export function countUnhashed(prepared: Prepared, apdu: Apdu, end: number, position: number): number {
	const hashed = position === prepared.position ? prepared.hashed : 0;
	return Math.min(end, apdu.textEnd) - apdu.textStart - hashed;
}

/** Hashes what came of the text up to `end`: whole blocks of it, or the rest once all of it is there. */
export function hashText(
	prepared: Prepared,
	gcm: Gcm,
	additional: Uint8Array,
	bytes: Uint8Array,
	apdu: Apdu,
	end: number,
	position: number,
): void {
	const { hash } = prepared;
	if (position !== prepared.position) {
		hash.fill(0);
		absorb(gcm, hash, additional, 0, additional.length);
		prepared.position = position;
		prepared.hashed = 0;
	}
	const { textStart, textEnd } = apdu;
	const hashed = end >= textEnd ? textEnd - textStart : (end - textStart) & ~15;
	if (hashed <= prepared.hashed) return;
	absorb(gcm, hash, bytes, textStart + prepared.hashed, textStart + hashed);
	prepared.hashed = hashed;
}

/** Whether the tag of the frame, whose text is hashed, matches. The hash is used up, the key stream is not. */
export function hasTag(prepared: Prepared, gcm: Gcm, additional: Uint8Array, bytes: Uint8Array, apdu: Apdu): boolean {
	const { hash, blocks } = prepared;
	absorbLengths(gcm, hash, additional.length, apdu.textEnd - apdu.textStart);
	prepared.position = -1;
	return isTag(hash, blocks, bytes, apdu.textEnd, apdu.tagLength);
}

/** Decrypts the text as far as the key stream is made, and overwrites that: how many bytes it was. The tag must have matched. */
export function applyPrepared(prepared: Prepared, bytes: Uint8Array, start: number, end: number): number {
	const { blocks, made } = prepared;
	const length = Math.min(end - start, made - 16);
	const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
	const stream = new DataView(blocks.buffer, 16, made - 16);
	let at = 0;
	for (; at + 4 <= length; at += 4) view.setInt32(at, view.getInt32(at) ^ stream.getInt32(at));
	for (; at < length; at += 1) bytes[start + at] ^= blocks[16 + at];
	wipe(prepared);
	return length;
}
