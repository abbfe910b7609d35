/** AES-CMAC (RFC 4493) over aes-js. */
import aes from "aes-js";

export type BlockCipher = InstanceType<typeof aes.AES>;

/**
 * AES-128's key schedule: 16 bytes, anything else throws. Some 1.3 KB of XS heap, so who needs it makes it, and drops it: at one frame a
 * minute its 0.6 M instructions cost less than the memory would.
 */
export function createBlockCipher(key: Uint8Array): BlockCipher {
	if (key.length !== 16) throw new RangeError(`AES-128 needs a key of 16 bytes, not ${key.length}`);
	const cipher = new aes.AES(key);
	// LoRaWAN only ever encrypts, join accepts included; what decryption would need is 1.3 KB of heap.
	cipher._Kd = [];
	return cipher;
}

/**
 * The 16 bytes of the MAC of `first`, one block or null, and then of `bytes` from `start` to `end`. Nothing is allocated but what aes-js
 * returns: 16 bytes a block.
 */
export function computeMac(
	cipher: BlockCipher,
	first: readonly number[] | null,
	bytes: Uint8Array,
	start: number,
	end: number,
): Uint8Array {
	const block = new Array<number>(16).fill(0);
	const subkey = cipher.encrypt(block);
	double(subkey);
	let state: Uint8Array | number[] = block;
	let at = start;
	if (first !== null) {
		// With nothing after it this would be the last block, which never is: a frame has a header.
		if (start === end) throw new RangeError("a MAC of nothing but its first block");
		for (let index = 0; index < 16; index += 1) block[index] = first[index];
		state = cipher.encrypt(block);
	}
	for (; end - at > 16; at += 16) {
		for (let index = 0; index < 16; index += 1) block[index] = state[index] ^ bytes[at + index];
		state = cipher.encrypt(block);
	}
	const rest = end - at;
	if (rest < 16) double(subkey);
	for (let index = 0; index < 16; index += 1) {
		const byte = index < rest ? bytes[at + index] : index === rest ? 0x80 : 0;
		block[index] = state[index] ^ byte ^ subkey[index];
	}
	return cipher.encrypt(block);
}

/** Doubling in GF(2^128): RFC 4493, 2.3. */
function double(block: Uint8Array): void {
	let carry = block[0] & 0x80 ? 0x87 : 0;
	for (let index = 15; index >= 0; index -= 1) {
		const byte = (block[index] << 1) ^ carry;
		// After the last byte, what is carried on is the bit that falls out on the left.
		carry = byte >> 8;
		block[index] = byte & 255;
	}
}
