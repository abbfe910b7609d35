/**
 * Plain arrays: they are preloaded to flash, and their elements are the cheapest to read in XS. Frozen all the way down in XS only,
 * which the linker wants; V8 reads an array that is frozen itself ten times as slowly.
 */
const tables = Object.freeze(createTables(), true);

interface Tables {
	/** What a byte makes of the CRC. */
	readonly forward: readonly number[];
	/** The index of the entry of `forward` with a given high byte; each stands once in the table. */
	readonly inverse: readonly number[];
}

function createTables(): Tables {
	const forward = fill(byte => {
		let crc = byte;
		for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
		return crc;
	});
	return { forward, inverse: fill(byte => forward.findIndex(entry => entry >> 8 === byte)) };
}

/** One entry per byte value. */
function fill(entryOf: (byte: number) => number): number[] {
	const entries: number[] = [];
	for (let byte = 0; byte < 256; byte += 1) entries.push(entryOf(byte));
	return entries;
}

/**
 * CRC-16/ARC of `bytes` from `start` to `end`: polynomial 0x8005 reflected, initial value 0, no final XOR.
 * A telegram's CRC runs from `/` to `!`, both included (E-Meter P1 Specification 1.1.3, 3.2.2). `before`: the CRC of what comes before `start`.
 */
export function crc16(bytes: Uint8Array, start: number, end: number, before = 0): number {
	const { forward } = tables;
	const foldEnd = end - ((end - start) & 63);
	let crc = before;
	if (foldEnd > start) {
		const words = foldBlocks(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start, foldEnd, before);
		crc = 0;
		for (let index = 0; index < 16; index += 1) {
			let word = words[index] ^ crc;
			for (let byte = 0; byte < 4; byte += 1) word = forward[word & 255] ^ (word >>> 8);
			crc = word;
		}
	}
	for (let at = foldEnd; at < end; at += 1) crc = forward[(crc ^ bytes[at]) & 255] ^ (crc >> 8);
	return crc;
}

/**
 * Sixteen words that leave the same remainder as the blocks of sixteen words from `start` to `end`.
 *
 * The polynomial P = x^16 + x^15 + x^2 + 1 has as its 32nd power x^512 + x^480 + x^64 + 1, as squaring over GF(2) squares each term.
 * So x^512 leaves the same remainder as x^480 + x^64 + 1, which is: a word of 32 bits can be taken out of the message if it is added
 * (XOR) to the words 1, 14 and 16 behind it. So each block goes into the next, without a table. The CRC `before` is added to the first word.
 */
function foldBlocks(view: DataView, start: number, end: number, before: number): readonly number[] {
	// In variables: elements of an array would cost more than all the rest.
	let a = 0;
	let b = 0;
	let c = 0;
	let d = 0;
	let e = 0;
	let f = 0;
	let g = 0;
	let h = 0;
	let i = 0;
	let j = 0;
	let k = 0;
	let l = 0;
	let m = 0;
	let n = 0;
	let o = 0;
	let p = 0;
	let carry = before;
	for (let at = start; at < end; at += 64) {
		b ^= a;
		o ^= a;
		a ^= view.getInt32(at, true) ^ carry;
		carry = 0;
		c ^= b;
		p ^= b;
		b ^= view.getInt32(at + 4, true);
		d ^= c;
		a ^= c;
		c ^= view.getInt32(at + 8, true);
		e ^= d;
		b ^= d;
		d ^= view.getInt32(at + 12, true);
		f ^= e;
		c ^= e;
		e ^= view.getInt32(at + 16, true);
		g ^= f;
		d ^= f;
		f ^= view.getInt32(at + 20, true);
		h ^= g;
		e ^= g;
		g ^= view.getInt32(at + 24, true);
		i ^= h;
		f ^= h;
		h ^= view.getInt32(at + 28, true);
		j ^= i;
		g ^= i;
		i ^= view.getInt32(at + 32, true);
		k ^= j;
		h ^= j;
		j ^= view.getInt32(at + 36, true);
		l ^= k;
		i ^= k;
		k ^= view.getInt32(at + 40, true);
		m ^= l;
		j ^= l;
		l ^= view.getInt32(at + 44, true);
		n ^= m;
		k ^= m;
		m ^= view.getInt32(at + 48, true);
		o ^= n;
		l ^= n;
		n ^= view.getInt32(at + 52, true);
		p ^= o;
		m ^= o;
		o ^= view.getInt32(at + 56, true);
		a ^= p;
		n ^= p;
		p ^= view.getInt32(at + 60, true);
	}
	return [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
}

/**
 * The first place from `start` on that `begins` what the CRC is of, and from which the bytes up to `end` have the CRC `crc`; -1 if
 * there is none. One pass from the back for all places: each step takes one byte out of the CRC, and where what is left is the
 * initial value 0, the CRC began. Only there, one place in 65536 unless somebody made it so, is `begins` asked.
 */
export function findCrcStart(
	bytes: Uint8Array,
	start: number,
	end: number,
	crc: number,
	begins: (at: number) => boolean,
): number {
	const { forward, inverse } = tables;
	let found = -1;
	let rest = crc;
	for (let at = end - 1; at >= start; at -= 1) {
		const index = inverse[rest >> 8];
		rest = (((rest ^ forward[index]) & 255) << 8) | (index ^ bytes[at]);
		if (rest === 0 && begins(at)) found = at;
	}
	return found;
}
