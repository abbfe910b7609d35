/** Hexadecimal digits to bytes and back. */
const digits = "0123456789ABCDEF";

/** What each byte is worth as a hexadecimal digit, -1 where it is none: for loops, in which a call of `hexDigit` would be dear. */
export const hexDigits = Object.freeze({ values: createValues() }, true);

function createValues(): readonly number[] {
	const values: number[] = [];
	for (let byte = 0; byte < 256; byte += 1) values.push(hexDigit(byte));
	return values;
}

/** The value of one hexadecimal digit given as a character code, either case; -1 for anything else. */
export function hexDigit(code: number): number {
	if (code >= 48 && code <= 57) return code - 48;
	const letter = code | 32;
	if (letter >= 97 && letter <= 102) return letter - 87;
	return -1;
}

/** The bytes that an even number of hexadecimal digits spell, or null if the text is anything else. */
export function parseHex(text: string): Uint8Array | null {
	const length = text.length >> 1;
	if (text.length !== length << 1) return null;
	const bytes = new Uint8Array(length);
	for (let at = 0; at < length; at += 1) {
		const high = hexDigit(text.charCodeAt(at << 1));
		const low = hexDigit(text.charCodeAt((at << 1) + 1));
		if (high < 0 || low < 0) return null;
		bytes[at] = (high << 4) | low;
	}
	return bytes;
}

/** Upper-case hexadecimal digits of `bytes` from `start` to `end`. */
export function formatHex(bytes: Uint8Array, start: number, end: number): string {
	let text = "";
	for (let at = start; at < end; at += 1) {
		const byte = bytes[at];
		text += digits[byte >> 4] + digits[byte & 15];
	}
	return text;
}
