/** One entry per byte value. A plain array: it is preloaded to flash, and its elements are the cheapest to read in XS. */
const table = createTable();

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
	let crc = 0;
	for (let at = start; at < end; at += 1) crc = table[(crc ^ bytes[at]) & 255] ^ (crc >> 8);
	return crc;
}
