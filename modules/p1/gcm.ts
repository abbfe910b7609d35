/** AES-128-GCM over aes-js. */
import aes from "aes-js";

/**
 * AES-128-GCM (NIST SP 800-38D) over the block cipher of npm's aes-js.
 *
 * Blocks are four signed 32-bit words, most significant first: in XS a number above 2^31 is a double and every operation on
 * it costs six times as much. Tables are plain arrays for the same reason. One AES block is by far the largest part of the
 * cost, so the rest stays readable.
 */
export interface Gcm {
	readonly cipher: InstanceType<typeof aes.AES>;
	/** The block that is encrypted next; a plain array, which aes-js reads faster than typed ones. */
	readonly counter: number[];
	/** The pre-counter block J0, as words. */
	readonly first: number[];
	/** `high[word][nibble]`: the nibble as the coefficients of x^0 to x^3, times H. */
	readonly high: readonly number[][];
	/** `low[word][nibble]`: the same for x^4 to x^7. */
	readonly low: readonly number[][];
	/** GHASH so far. */
	readonly hash: number[];
}

function createTable(): number[][] {
	const words = new Array<number[]>(4);
	for (let word = 0; word < 4; word += 1) words[word] = new Array<number>(16).fill(0);
	return words;
}

/** Fills the entries that are sums of the entries 1, 2, 4 and 8. */
function addSums(table: number[][]): void {
	for (let word = 0; word < 4; word += 1) {
		const entries = table[word];
		for (let bit = 2; bit < 16; bit <<= 1) {
			for (let rest = 1; rest < bit; rest += 1) entries[bit | rest] = entries[bit] ^ entries[rest];
		}
	}
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
	const high = createTable();
	const low = createTable();
	let a = word(block, 0);
	let b = word(block, 4);
	let c = word(block, 8);
	let d = word(block, 12);
	// H, H·x, H·x^2 … H·x^7: a right shift in GCM's order of bits.
	for (let power = 0; power < 8; power += 1) {
		const table = power < 4 ? high : low;
		const nibble = 8 >> (power & 3);
		table[0][nibble] = a;
		table[1][nibble] = b;
		table[2][nibble] = c;
		table[3][nibble] = d;
		const carry = d & 1;
		d = ((d >> 1) & 0x7fffffff) | (c << 31);
		c = ((c >> 1) & 0x7fffffff) | (b << 31);
		b = ((b >> 1) & 0x7fffffff) | (a << 31);
		a = ((a >> 1) & 0x7fffffff) ^ (carry ? 0xe1000000 | 0 : 0);
	}
	addSums(high);
	addSums(low);
	return { cipher, counter: new Array<number>(16).fill(0), first: [0, 0, 0, 0], high, low, hash: [0, 0, 0, 0] };
}

function word(bytes: Uint8Array, at: number): number {
	return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
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
	if (!(tagLength >= 12 && tagLength <= 16)) throw new RangeError(`a tag has 12 to 16 bytes, not ${tagLength}`);
	if (end + tagLength > bytes.length) throw new RangeError("the tag lies outside the bytes");
	begin(gcm, nonce);
	absorb(gcm, additional, 0, additional.length);
	absorb(gcm, bytes, start, end);
	absorbLengths(gcm, additional.length, end - start);
	const { counter, first, hash } = gcm;
	for (let at = 0; at < 4; at += 1) setWord(counter, at << 2, first[at]);
	const mask = gcm.cipher.encrypt(counter);
	let difference = 0;
	for (let at = 0; at < tagLength; at += 1) {
		difference |= ((hash[at >> 2] >> (24 - ((at & 3) << 3))) & 255) ^ mask[at] ^ bytes[end + at];
	}
	if (difference !== 0) return false;
	xorKeystream(gcm, bytes, start, end);
	return true;
}

/**
 * Encrypts or decrypts `bytes` from `start` to `end` in place without any authentication (CTR with GCM's counter blocks).
 * Applied twice it restores the bytes.
 */
export function applyKeystream(gcm: Gcm, nonce: Uint8Array, bytes: Uint8Array, start: number, end: number): void {
	begin(gcm, nonce);
	xorKeystream(gcm, bytes, start, end);
}

/** Sets J0 from the nonce (SP 800-38D, 7.1 step 2) and clears the hash. */
function begin(gcm: Gcm, nonce: Uint8Array): void {
	const { first, hash } = gcm;
	hash.fill(0);
	if (nonce.length === 12) {
		first[0] = word(nonce, 0);
		first[1] = word(nonce, 4);
		first[2] = word(nonce, 8);
		first[3] = 1;
		return;
	}
	if (nonce.length === 0) throw new RangeError("the nonce is empty");
	absorb(gcm, nonce, 0, nonce.length);
	absorbLengths(gcm, 0, nonce.length);
	for (let at = 0; at < 4; at += 1) first[at] = hash[at];
	hash.fill(0);
}

function absorbLengths(gcm: Gcm, additionalLength: number, length: number): void {
	const lengths = new Uint8Array(16);
	const view = new DataView(lengths.buffer);
	view.setInt32(4, additionalLength << 3);
	view.setInt32(12, length << 3);
	absorb(gcm, lengths, 0, 16);
}

/**
 * GHASH of `bytes` from `start` to `end`, padded with zeros to whole blocks (SP 800-38D, 6.4).
 *
 * Times H by a comb: the bytes of equal place in the four words are multiplied one after the other into eight words, which three
 * shifts by a byte move to their place, and what is above x^127 is reduced once.
 */
function absorb(gcm: Gcm, bytes: Uint8Array, start: number, end: number): void {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const { high, low, hash } = gcm;
	const high0 = high[0];
	const high1 = high[1];
	const high2 = high[2];
	const high3 = high[3];
	const low0 = low[0];
	const low1 = low[1];
	const low2 = low[2];
	const low3 = low[3];
	let a = hash[0];
	let b = hash[1];
	let c = hash[2];
	let d = hash[3];
	for (let at = start; at < end; at += 16) {
		const isWhole = at + 16 <= end;
		const word0 = a ^ (isWhole ? view.getInt32(at) : partialWord(bytes, at, end));
		const word1 = b ^ (isWhole ? view.getInt32(at + 4) : partialWord(bytes, at + 4, end));
		const word2 = c ^ (isWhole ? view.getInt32(at + 8) : partialWord(bytes, at + 8, end));
		const word3 = d ^ (isWhole ? view.getInt32(at + 12) : partialWord(bytes, at + 12, end));
		let e = 0;
		let f = 0;
		let g = 0;
		let h = 0;
		a = 0;
		b = 0;
		c = 0;
		d = 0;
		// The last byte of each word first: only it is shifted three times.
		for (let shift = 0; shift < 32; shift += 8) {
			if (shift > 0) {
				h = ((h >> 8) & 0xffffff) ^ (g << 24);
				g = ((g >> 8) & 0xffffff) ^ (f << 24);
				f = ((f >> 8) & 0xffffff) ^ (e << 24);
				e = ((e >> 8) & 0xffffff) ^ (d << 24);
				d = ((d >> 8) & 0xffffff) ^ (c << 24);
				c = ((c >> 8) & 0xffffff) ^ (b << 24);
				b = ((b >> 8) & 0xffffff) ^ (a << 24);
				a = (a >> 8) & 0xffffff;
			}
			let nibble = (word0 >> (shift + 4)) & 15;
			let other = (word0 >> shift) & 15;
			a ^= high0[nibble] ^ low0[other];
			b ^= high1[nibble] ^ low1[other];
			c ^= high2[nibble] ^ low2[other];
			d ^= high3[nibble] ^ low3[other];
			nibble = (word1 >> (shift + 4)) & 15;
			other = (word1 >> shift) & 15;
			b ^= high0[nibble] ^ low0[other];
			c ^= high1[nibble] ^ low1[other];
			d ^= high2[nibble] ^ low2[other];
			e ^= high3[nibble] ^ low3[other];
			nibble = (word2 >> (shift + 4)) & 15;
			other = (word2 >> shift) & 15;
			c ^= high0[nibble] ^ low0[other];
			d ^= high1[nibble] ^ low1[other];
			e ^= high2[nibble] ^ low2[other];
			f ^= high3[nibble] ^ low3[other];
			nibble = (word3 >> (shift + 4)) & 15;
			other = (word3 >> shift) & 15;
			d ^= high0[nibble] ^ low0[other];
			e ^= high1[nibble] ^ low1[other];
			f ^= high2[nibble] ^ low2[other];
			g ^= high3[nibble] ^ low3[other];
		}
		// x^128 = 1 + x + x^2 + x^7, from the last word, whose overflow belongs to the next one (6.3).
		d ^= h ^ ((h >> 1) & 0x7fffffff) ^ ((h >> 2) & 0x3fffffff) ^ ((h >> 7) & 0x1ffffff);
		e ^= (h << 31) ^ (h << 30) ^ (h << 25);
		c ^= g ^ ((g >> 1) & 0x7fffffff) ^ ((g >> 2) & 0x3fffffff) ^ ((g >> 7) & 0x1ffffff);
		d ^= (g << 31) ^ (g << 30) ^ (g << 25);
		b ^= f ^ ((f >> 1) & 0x7fffffff) ^ ((f >> 2) & 0x3fffffff) ^ ((f >> 7) & 0x1ffffff);
		c ^= (f << 31) ^ (f << 30) ^ (f << 25);
		a ^= e ^ ((e >> 1) & 0x7fffffff) ^ ((e >> 2) & 0x3fffffff) ^ ((e >> 7) & 0x1ffffff);
		b ^= (e << 31) ^ (e << 30) ^ (e << 25);
	}
	hash[0] = a;
	hash[1] = b;
	hash[2] = c;
	hash[3] = d;
}

/** The big-endian word at `at`, with zeros for bytes from `end` on. */
function partialWord(bytes: Uint8Array, at: number, end: number): number {
	let value = 0;
	for (let index = 0; index < 4; index += 1) value = (value << 8) | (at + index < end ? bytes[at + index] : 0);
	return value;
}

/** CTR mode from the counter block after J0 (SP 800-38D, 6.5). */
function xorKeystream(gcm: Gcm, bytes: Uint8Array, start: number, end: number): void {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const { cipher, counter, first } = gcm;
	for (let at = 0; at < 4; at += 1) setWord(counter, at << 2, first[at]);
	let count = first[3];
	for (let at = start; at < end; at += 16) {
		count = (count + 1) | 0;
		setWord(counter, 12, count);
		const stream = cipher.encrypt(counter);
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
