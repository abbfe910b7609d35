/** AES-128-GCM over aes-js. */
import aes from "aes-js";
import { absorb, absorbLengths, createHashKey, type HashKey, word } from "./ghash.js";

/** AES-128-GCM with one key, where a platform has its own: the same as `open` and `applyKeystream` below. */
export interface Cipher {
	open(
		nonce: Uint8Array,
		additional: Uint8Array,
		bytes: Uint8Array,
		start: number,
		end: number,
		tagLength: number,
	): boolean;
	applyKeystream(nonce: Uint8Array, bytes: Uint8Array, start: number, end: number): void;
}

/**
 * AES-128-GCM (NIST SP 800-38D) over the block cipher of npm's aes-js.
 *
 * Blocks are four signed 32-bit words, most significant first: in XS a number above 2^31 is a double and every operation on
 * it costs six times as much. Tables are plain arrays for the same reason. One AES block is by far the largest part of the
 * cost, so the rest stays readable.
 */
export interface Gcm extends HashKey {
	readonly cipher: InstanceType<typeof aes.AES>;
	/** The block that is encrypted next; a plain array, which aes-js reads faster than typed ones. */
	readonly counter: number[];
	/** The pre-counter block J0, as words. */
	readonly first: number[];
	/** GHASH so far. */
	readonly hash: number[];
}

/**
 * Key schedule and GHASH tables, once per key: 16 bytes, anything else throws. Holds about 6 KB of XS heap.
 */
export function createGcm(key: Uint8Array): Gcm {
	if (key.length !== 16) throw new RangeError(`AES-128 needs a key of 16 bytes, not ${key.length}`);
	const cipher = new aes.AES(key);
	// GCM only ever encrypts; what decryption would need is 1.3 KB of heap.
	cipher._Kd = [];
	const block = cipher.encrypt(new Uint8Array(16));
	const { high, low } = createHashKey(block);
	return { cipher, counter: new Array<number>(16).fill(0), first: [0, 0, 0, 0], high, low, hash: [0, 0, 0, 0] };
}

/**
 * Decrypts `bytes` from `start` to `end` in place if the `tagLength` bytes (12 to 16) after `end` are the tag of them and of
 * `additional`, and says whether they were. Nothing is decrypted, and nothing changed, before the whole tag has matched; the
 * comparison takes the same time wherever the first difference is.
 *
 * `nonce` has any length from 1; 12 bytes are what DLMS suite 0 uses.
 */
export function open(
	gcm: Gcm,
	nonce: Uint8Array,
	additional: Uint8Array,
	bytes: Uint8Array,
	start: number,
	end: number,
	tagLength: number,
): boolean {
	checkTag(bytes, end, tagLength);
	const { hash } = gcm;
	begin(gcm, nonce);
	hashAll(gcm, additional, bytes, start, end);
	if (!isTag(hash, encryptCounter(gcm, 0), bytes, end, tagLength)) return false;
	xorKeystream(gcm, bytes, start, end, 0);
	return true;
}

/**
 * Encrypts `bytes` from `start` to `end` in place, and writes the `tagLength` bytes (12 to 16) of the tag of them and of `additional` after
 * `end`. A nonce must never be used again with the same key.
 */
export function seal(
	gcm: Gcm,
	nonce: Uint8Array,
	additional: Uint8Array,
	bytes: Uint8Array,
	start: number,
	end: number,
	tagLength: number,
): void {
	checkTag(bytes, end, tagLength);
	const { hash } = gcm;
	begin(gcm, nonce);
	xorKeystream(gcm, bytes, start, end, 0);
	hashAll(gcm, additional, bytes, start, end);
	const mask = encryptCounter(gcm, 0);
	for (let index = 0; index < tagLength; index += 1)
		bytes[end + index] = ((hash[index >> 2] >> (24 - ((index & 3) << 3))) & 255) ^ mask[index];
}

function checkTag(bytes: Uint8Array, end: number, tagLength: number): void {
	if (!(tagLength >= 12 && tagLength <= 16)) throw new RangeError(`a tag has 12 to 16 bytes, not ${tagLength}`);
	if (end + tagLength > bytes.length) throw new RangeError("the tag lies outside the bytes");
}

/** GHASH of the additional data and of what is encrypted. */
function hashAll(gcm: Gcm, additional: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
	const { hash } = gcm;
	absorb(gcm, hash, additional, 0, additional.length);
	absorb(gcm, hash, bytes, start, end);
	absorbLengths(gcm, hash, additional.length, end - start);
}

/** Whether `tagLength` bytes at `at` are the tag of what `hash` is of. The first 16 bytes of `mask` are the encrypted J0. */
export function isTag(
	hash: readonly number[],
	mask: Uint8Array,
	bytes: Uint8Array,
	at: number,
	tagLength: number,
): boolean {
	let difference = 0;
	for (let index = 0; index < tagLength; index += 1) {
		difference |= ((hash[index >> 2] >> (24 - ((index & 3) << 3))) & 255) ^ mask[index] ^ bytes[at + index];
	}
	return difference === 0;
}

/**
 * Encrypts or decrypts `bytes` from `start` to `end` in place without any authentication (CTR with GCM's counter blocks).
 * Applied twice it restores the bytes. `block`: which block of the text `start` is the beginning of.
 */
export function applyKeystream(
	gcm: Gcm,
	nonce: Uint8Array,
	bytes: Uint8Array,
	start: number,
	end: number,
	block = 0,
): void {
	begin(gcm, nonce);
	xorKeystream(gcm, bytes, start, end, block);
}

/** Writes counter blocks of `nonce`, encrypted, from number `block` on (0 is J0, which masks the tag) over `bytes` from `start` to `end`: whole blocks. */
export function writeBlocks(
	gcm: Gcm,
	nonce: Uint8Array,
	block: number,
	bytes: Uint8Array,
	start: number,
	end: number,
): void {
	begin(gcm, nonce);
	for (let at = start; at < end; at += 16) bytes.set(encryptCounter(gcm, block + ((at - start) >> 4)), at);
}

/** Sets J0 from the nonce (SP 800-38D, 7.1 step 2), and clears the hash. */
function begin(gcm: Gcm, nonce: Uint8Array): void {
	const { counter, first, hash } = gcm;
	hash.fill(0);
	if (nonce.length === 12) {
		first[0] = word(nonce, 0);
		first[1] = word(nonce, 4);
		first[2] = word(nonce, 8);
		first[3] = 1;
	} else {
		if (nonce.length === 0) throw new RangeError("the nonce is empty");
		absorb(gcm, hash, nonce, 0, nonce.length);
		absorbLengths(gcm, hash, 0, nonce.length);
		for (let at = 0; at < 4; at += 1) first[at] = hash[at];
		hash.fill(0);
	}
	for (let at = 0; at < 3; at += 1) setWord(counter, at << 2, first[at]);
}

/** The counter block that is `count` after J0, encrypted (SP 800-38D, 6.2). */
function encryptCounter({ cipher, counter, first }: Gcm, count: number): Uint8Array {
	setWord(counter, 12, (first[3] + count) | 0);
	return cipher.encrypt(counter);
}

/** CTR mode from the counter block after J0 (SP 800-38D, 6.5), for the text from its block `block` on. */
function xorKeystream(gcm: Gcm, bytes: Uint8Array, start: number, end: number, block: number): void {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let at = start; at < end; at += 16) {
		const stream = encryptCounter(gcm, block + 1 + ((at - start) >> 4));
		if (at + 16 <= end) {
			// Not with `word`: four calls a block would be 1 % of the whole.
			const a = (stream[0] << 24) | (stream[1] << 16) | (stream[2] << 8) | stream[3];
			const b = (stream[4] << 24) | (stream[5] << 16) | (stream[6] << 8) | stream[7];
			const c = (stream[8] << 24) | (stream[9] << 16) | (stream[10] << 8) | stream[11];
			const d = (stream[12] << 24) | (stream[13] << 16) | (stream[14] << 8) | stream[15];
			view.setInt32(at, view.getInt32(at) ^ a);
			view.setInt32(at + 4, view.getInt32(at + 4) ^ b);
			view.setInt32(at + 8, view.getInt32(at + 8) ^ c);
			view.setInt32(at + 12, view.getInt32(at + 12) ^ d);
		} else {
			for (let index = 0; at + index < end; index += 1) bytes[at + index] ^= stream[index];
		}
	}
}

function setWord(bytes: number[], at: number, value: number): void {
	bytes[at] = (value >> 24) & 255;
	bytes[at + 1] = (value >> 16) & 255;
	bytes[at + 2] = (value >> 8) & 255;
	bytes[at + 3] = value & 255;
}
