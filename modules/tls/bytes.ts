/** Bytes as hexadecimal digits, as numbers and as base64. */
/** An array: to take a character out of a text, XS makes an object of that first. */
const digits = Object.freeze(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"]);
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Bytes that are spelled before they are appended: a text that grows by two characters at a time is copied each time. */
const piece = 16;

/** Two lower-case digits for each byte from `start` up to `end`. */
export function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
	let text = "";
	for (let from = start; from < end; from += piece) {
		const to = Math.min(from + piece, end);
		let part = "";
		for (let at = from; at < to; at += 1) part += digits[bytes[at] >> 4] + digits[bytes[at] & 15];
		text += part;
	}
	return text;
}

/** The bytes that pairs of digits of either case spell, or null. */
export function fromHex(text: string): Uint8Array | null {
	if (text.length % 2 !== 0) return null;
	const bytes = new Uint8Array(text.length / 2);
	for (let at = 0; at < bytes.length; at += 1) {
		const high = fourBits(text.charCodeAt(2 * at));
		const low = fourBits(text.charCodeAt(2 * at + 1));
		if (high < 0 || low < 0) return null;
		bytes[at] = high * 16 + low;
	}
	return bytes;
}

/** Of a hexadecimal digit; -1 for any other character. */
function fourBits(code: number): number {
	if (code >= 48 && code <= 57) return code - 48;
	const letter = code | 32;
	return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/**
 * The number that the bytes from `start` up to `end` spell, most significant first; no byte is 0. By halves, eight deep at most for
 * the longest here: whatever goes from end to end of a long number, digit by digit or word by word, is copied each time.
 */
export function toBigInt(bytes: Uint8Array, start = 0, end = bytes.length): bigint {
	if (end - start > 4) {
		const middle = (start + end) >> 1;
		return (toBigInt(bytes, start, middle) << BigInt(8 * (end - middle))) | toBigInt(bytes, middle, end);
	}
	let value = 0;
	for (let at = start; at < end; at += 1) value = value * 256 + bytes[at];
	return BigInt(value);
}

export function areEqual(left: Uint8Array, right: Uint8Array): boolean {
	if (left.length !== right.length) return false;
	let difference = 0;
	for (let at = 0; at < left.length; at += 1) difference |= left[at] ^ right[at];
	return difference === 0;
}

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
	let length = 0;
	for (const part of parts) length += part.length;
	const bytes = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}

/** RFC 4648 section 4, with padding. */
export function toBase64(bytes: Uint8Array): string {
	let text = "";
	for (let at = 0; at < bytes.length; at += 3) {
		const left = bytes.length - at;
		const word = (bytes[at] << 16) | ((left > 1 ? bytes[at + 1] : 0) << 8) | (left > 2 ? bytes[at + 2] : 0);
		text += alphabet[word >> 18] + alphabet[(word >> 12) & 63];
		text += (left > 1 ? alphabet[(word >> 6) & 63] : "=") + (left > 2 ? alphabet[word & 63] : "=");
	}
	return text;
}

/** The bytes of a base64 text without any white space, or null: padding must be there, and bits that are not used must be 0. */
export function fromBase64(text: string): Uint8Array | null {
	if (text.length % 4 !== 0) return null;
	const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
	const bytes = new Uint8Array((text.length / 4) * 3 - padding);
	let word = 0;
	let bits = 0;
	let count = 0;
	for (let at = 0; at < text.length - padding; at += 1) {
		const value = sixBits(text.charCodeAt(at));
		if (value < 0) return null;
		word = ((word << 6) | value) & 0xfff;
		bits += 6;
		if (bits < 8) continue;
		bits -= 8;
		bytes[count] = word >> bits;
		count += 1;
	}
	return (word & ((1 << bits) - 1)) === 0 ? bytes : null;
}

/** Of a character in base64's alphabet; -1 for any other. Computed: a search would cost 64 steps for each character. */
function sixBits(code: number): number {
	if (code >= 65 && code <= 90) return code - 65;
	if (code >= 97 && code <= 122) return code - 71;
	if (code >= 48 && code <= 57) return code + 4;
	if (code === 43) return 62;
	return code === 47 ? 63 : -1;
}
