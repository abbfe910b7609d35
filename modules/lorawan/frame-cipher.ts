/** What LoRaWAN makes of AES for a data frame: the payload's key stream (4.3.3), and the MIC (4.4). */
import { writeNumber } from "./bytes.js";
import { type BlockCipher, computeMac, createBlockCipher } from "./cmac.js";

/** The direction as the blocks have it. */
export type Direction = 0 | 1;
export const up = 0;
export const down = 1;

export const micLength = 4;

/** Encrypts or decrypts `bytes` from `start` to `end` in place. `counter`: all 32 bits. */
export function applyPayloadKey(
	key: Uint8Array,
	direction: Direction,
	devAddr: number,
	counter: number,
	bytes: Uint8Array,
	start: number,
	end: number,
): void {
	if (start >= end) return;
	const cipher = createBlockCipher(key);
	const block = createBlock(1, direction, devAddr, counter);
	for (let at = start; at < end; at += 16) {
		block[15] += 1;
		const stream = cipher.encrypt(block);
		const count = end - at < 16 ? end - at : 16;
		for (let index = 0; index < count; index += 1) bytes[at + index] ^= stream[index];
	}
}

/** The MAC of the frame `bytes` from 0 to `end`, of which the first four bytes are the MIC. */
export function computeFrameMac(
	key: Uint8Array,
	direction: Direction,
	devAddr: number,
	counter: number,
	bytes: Uint8Array,
	end: number,
): Uint8Array {
	const block = createBlock(0x49, direction, devAddr, counter);
	block[15] = end;
	return computeMac(createBlockCipher(key), block, bytes, 0, end);
}

/** The MAC of a join request or accept, `bytes` from 0 to `end`. */
export function computeJoinMac(cipher: BlockCipher, bytes: Uint8Array, end: number): Uint8Array {
	return computeMac(cipher, null, bytes, 0, end);
}

/** Whether the four bytes at `at` are the MIC; the comparison takes the same time wherever the first difference is. */
export function isMic(mac: Uint8Array, bytes: Uint8Array, at: number): boolean {
	let difference = 0;
	for (let index = 0; index < micLength; index += 1) difference |= mac[index] ^ bytes[at + index];
	return difference === 0;
}

/** A and B0: both have the same fields. */
function createBlock(first: number, direction: Direction, devAddr: number, counter: number): number[] {
	const block = new Array<number>(16).fill(0);
	block[0] = first;
	block[5] = direction;
	writeNumber(block, 6, 4, devAddr);
	writeNumber(block, 10, 4, counter);
	return block;
}
