/**
 * What a byte makes of the CRC, by the bytes that follow it in its word: `last` has none behind it, `first` has three. Plain arrays:
 * they are preloaded to flash, and their elements are the cheapest to read in XS. Frozen all the way down in XS only, which the
 * linker wants; V8 reads an array that is frozen itself ten times as slowly.
 */
const tables = Object.freeze(createTables(), true);

interface Tables {
	readonly first: readonly number[];
	readonly second: readonly number[];
	readonly third: readonly number[];
	readonly last: readonly number[];
	/** The index of the entry of `last` with a given high byte; each stands once in the table. */
	readonly inverse: readonly number[];
}

function createTables(): Tables {
	const last = fill(byte => {
		let crc = byte;
		for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
		return crc;
	});
	const pass = (crc: number) => last[crc & 255] ^ (crc >> 8);
	const third = fill(byte => pass(last[byte]));
	const second = fill(byte => pass(third[byte]));
	const first = fill(byte => pass(second[byte]));
	const inverse = fill(byte => last.findIndex(entry => entry >> 8 === byte));
	return { first, second, third, last, inverse };
}

/** One entry per byte value. */
function fill(entryOf: (byte: number) => number): number[] {
	const entries: number[] = [];
	for (let byte = 0; byte < 256; byte += 1) entries.push(entryOf(byte));
	return entries;
}

/**
 * CRC-16/ARC of `bytes` from `start` to `end`: polynomial 0x8005 reflected, initial value 0, no final XOR.
 * A telegram's CRC runs from `/` to `!`, both included (E-Meter P1 Specification 1.1.3, 3.2.2).
 */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
	const { first, second, third, last } = tables;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let crc = 0;
	let at = start;
	// Four bytes at a time: in XS one of them costs nearly as much to read as four, and none has to wait for the one before it.
	for (const words = end - 4; at <= words; at += 4) {
		const word = view.getInt32(at, true) ^ crc;
		crc = first[word & 255] ^ second[(word >> 8) & 255] ^ third[(word >> 16) & 255] ^ last[(word >> 24) & 255];
	}
	for (; at < end; at += 1) crc = last[(crc ^ bytes[at]) & 255] ^ (crc >> 8);
	return crc;
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
	const { last, inverse } = tables;
	let found = -1;
	let rest = crc;
	for (let at = end - 1; at >= start; at -= 1) {
		const index = inverse[rest >> 8];
		rest = (((rest ^ last[index]) & 255) << 8) | (index ^ bytes[at]);
		if (rest === 0 && begins(at)) found = at;
	}
	return found;
}
