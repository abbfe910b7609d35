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
	/** The bits of the next byte, with a 1 before them. */
	byte: number;
}

export function createBitWriter(bytes: Uint8Array, start: number): BitWriter {
	return { bytes, at: start, byte: 1 };
}

/** Up to 32 bits of `value`. */
export function writeBits(writer: BitWriter, value: number, count: number): void {
	let { byte } = writer;
	for (let bit = count - 1; bit >= 0; bit -= 1) {
		byte = (byte << 1) | ((value >> bit) & 1);
		if (byte < 256) continue;
		writer.bytes[writer.at] = byte & 255;
		writer.at += 1;
		byte = 1;
	}
	writer.byte = byte;
}

/** Zeros up to a whole byte; returns where the next one begins. */
export function endBits(writer: BitWriter): number {
	// A byte that is not full has its marker above its bits.
	while (writer.byte > 1) writeBits(writer, 0, 1);
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
