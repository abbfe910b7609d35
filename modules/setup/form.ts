/** What a form of a web page sends: names and values, `application/x-www-form-urlencoded`. */
import { decodeText } from "../p1/hex-text.js";

/** A name and its value, in the order in which they were sent. */
export type Field = readonly [name: string, value: string];

/** More fields than the form has are no form of ours. */
const mostFields = 32;
const plus = 0x2b;
const percent = 0x25;
const ampersand = 0x26;
const equals = 0x3d;

/** Null for what is no such form. Bytes that are no UTF-8 are Latin-1, and control characters are left out. */
export function parseForm(bytes: Uint8Array): Field[] | null {
	const fields: Field[] = [];
	for (let start = 0; start < bytes.length; ) {
		let end = bytes.indexOf(ampersand, start);
		if (end < 0) end = bytes.length;
		if (end > start) {
			const sign = bytes.indexOf(equals, start);
			const nameEnd = sign < 0 || sign > end ? end : sign;
			const name = decodePart(bytes, start, nameEnd);
			const value = decodePart(bytes, Math.min(end, nameEnd + 1), end);
			if (name === null || value === null || fields.length === mostFields) return null;
			fields.push([name, value]);
		}
		start = end + 1;
	}
	return fields;
}

function decodePart(bytes: Uint8Array, start: number, end: number): string | null {
	const decoded: number[] = [];
	for (let at = start; at < end; at += 1) {
		const byte = bytes[at]!;
		if (byte === percent) {
			const value = at + 2 < end ? 16 * digit(bytes[at + 1]!) + digit(bytes[at + 2]!) : -1;
			if (!(value >= 0)) return null;
			decoded.push(value);
			at += 2;
		} else decoded.push(byte === plus ? 0x20 : byte);
	}
	return decodeText(Uint8Array.from(decoded));
}

/** The value of a hexadecimal digit, or NaN. */
function digit(code: number): number {
	if (code >= 0x30 && code <= 0x39) return code - 0x30;
	const letter = code | 0x20;
	return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : Number.NaN;
}

/** The value of a field; null where it was not sent. */
export function findField(fields: readonly Field[], name: string): string | null {
	return fields.find(([known]) => known === name)?.[1] ?? null;
}
