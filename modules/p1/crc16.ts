/** One entry per byte value. A plain array: it is preloaded to flash, and its elements are the cheapest to read in XS. */
const table = Object.freeze(createTable());

/** The index of the table's entry with a given high byte; each stands once in the table. */
const inverse = Object.freeze(createInverse());

function createInverse(): readonly number[] {
	const entries = new Array<number>(256);
	for (let index = 0; index < 256; index += 1) entries[table[index] >> 8] = index;
	return entries;
}

function createTable(): readonly number[] {
	const entries = new Array<number>(256);
	for (let byte = 0; byte < 256; byte += 1) {
		let crc = byte;
		for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
		entries[byte] = crc;
	}
	return entries;
}

/**
 * CRC-16/ARC of `bytes` from `start` to `end`: polynomial 0x8005 reflected, initial value 0, no final XOR.
 * A telegram's CRC runs from `/` to `!`, both included (E-Meter P1 Specification 1.1.3, 3.2.2).
 */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
	const entries = table;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let crc = 0;
	let at = start;
	// Four bytes at a time, because in XS one of them costs nearly as much to read as four.
	for (const last = end - 4; at <= last; at += 4) {
		const word = view.getInt32(at, true);
		crc = entries[(crc ^ word) & 255] ^ (crc >> 8);
		crc = entries[(crc ^ (word >> 8)) & 255] ^ (crc >> 8);
		crc = entries[(crc ^ (word >> 16)) & 255] ^ (crc >> 8);
		crc = entries[(crc ^ (word >> 24)) & 255] ^ (crc >> 8);
	}
	for (; at < end; at += 1) crc = entries[(crc ^ bytes[at]) & 255] ^ (crc >> 8);
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
	let found = -1;
	let rest = crc;
	for (let at = end - 1; at >= start; at -= 1) {
		const index = inverse[rest >> 8];
		rest = (((rest ^ table[index]) & 255) << 8) | (index ^ bytes[at]);
		if (rest === 0 && begins(at)) found = at;
	}
	return found;
}
