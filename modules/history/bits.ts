/** Numbers as bits, the highest of a byte first: as they are, and in Elias delta codes. */

/** Bytes from `at` on, up to `end`. */
export interface ByteCursor {
	readonly bytes: Uint8Array;
	at: number;
	readonly end: number;
}

export interface BitWriter {
	readonly bytes: Uint8Array;
	at: number;
	/** The first bits of the next byte, and how many are missing. */
	byte: number;
	room: number;
}

export function createBitWriter(bytes: Uint8Array, start: number): BitWriter {
	return { bytes, at: start, byte: 0, room: 8 };
}

/** Up to 32 bits of `value`. */
export function writeBits(writer: BitWriter, value: number, count: number): void {
	let { byte, room } = writer;
	let left = count;
	while (left >= room) {
		left -= room;
		writer.bytes[writer.at] = (byte << room) | ((value >> left) & ((1 << room) - 1));
		writer.at += 1;
		byte = 0;
		room = 8;
	}
	writer.byte = (byte << left) | (value & ((1 << left) - 1));
	writer.room = room - left;
}

/** Zeros up to a whole byte; returns where the next one begins. */
export function endBits(writer: BitWriter): number {
	if (writer.room < 8) writeBits(writer, 0, writer.room);
	return writer.at;
}

/** Larger numbers go in two parts; by division, since sums of meters pass 32 bits. */
const wordBits = 24;
const word = 1 << wordBits;
/** Beyond this, numbers are not exact. */
const mostBits = 52;

/** In an Elias delta code of this order: 2^order is added, so that so many low bits have no prefix. */
export function writeNumber(writer: BitWriter, value: number, order: number): void {
	const raised = value + (1 << order);
	let bits = 0;
	let first = 1;
	for (; raised >= 2 * first; first *= 2) bits += 1;
	const length = bits + 1 - order;
	writeBits(writer, length, 2 * (32 - Math.clz32(length)) - 1);
	const rest = raised - first;
	if (bits > wordBits) writeBits(writer, Math.floor(rest / word), bits - wordBits);
	writeBits(writer, rest % word, Math.min(bits, wordBits));
}

export interface BitReader {
	readonly cursor: ByteCursor;
	/** What is left of the byte before `cursor.at`: nine bits, of which the last 1 is none of its own. */
	byte: number;
}

const nothingLeft = 256;

export function createBitReader(cursor: ByteCursor): BitReader {
	return { cursor, byte: nothingLeft };
}

/** Up to 31 bits. Past the end the cursor stands behind it, and the value means nothing. */
export function readBits(reader: BitReader, count: number): number {
	const { cursor } = reader;
	let { byte } = reader;
	let value = 0;
	for (let left = count; left > 0; left -= 1) {
		if (byte === nothingLeft) {
			if (cursor.at >= cursor.end) {
				cursor.at = cursor.end + 1;
				return 0;
			}
			byte = (cursor.bytes[cursor.at]! << 1) | 1;
			cursor.at += 1;
		}
		value = (value << 1) | (byte >> 8);
		byte = (byte << 1) & 511;
	}
	reader.byte = byte;
	return value;
}

/** What `writeNumber` wrote. Past the end as `readBits`. */
export function readNumber(reader: BitReader, order: number): number {
	const { cursor } = reader;
	let zeros = 0;
	while (zeros < 6 && readBits(reader, 1) === 0) zeros += 1;
	const bits = ((1 << zeros) | readBits(reader, zeros)) - 1 + order;
	if (bits > mostBits) cursor.at = cursor.end + 1;
	if (cursor.at > cursor.end) return 0;
	const high = readBits(reader, Math.max(0, bits - wordBits));
	return 2 ** bits + high * word + readBits(reader, Math.min(bits, wordBits)) - (1 << order);
}
