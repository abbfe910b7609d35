/** Texts in a telegram: printed, or as hexadecimal digits of their octets. */
import type { Faults } from "./faults.js";
import { hexDigits } from "./hex.js";

/** The octets that hexadecimal digits from `start` to `end` spell, or null if they spell none: bytes, as a message has a thousand. */
export function parseOctets(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
	const count = (end - start) >> 1;
	if (start + (count << 1) !== end) return null;
	const octets = new Uint8Array(count);
	const { values } = hexDigits;
	for (let at = 0; at < count; at += 1) {
		const high = values[bytes[start + (at << 1)]];
		const low = values[bytes[start + (at << 1) + 1]];
		if ((high | low) < 0) return null;
		octets[at] = (high << 4) | low;
	}
	return octets;
}

/** How many characters are made at once, which costs a small part of what single ones do: XS puts them on its stack. */
const piece = 32;

/** The characters in `bytes` from `start` to `end`, which are ASCII or Latin-1. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
	let text = "";
	const codes: number[] = [];
	for (let first = start; first < end; first += piece) {
		const count = end - first < piece ? end - first : piece;
		codes.length = count;
		for (let at = 0; at < count; at += 1) codes[at] = bytes[first + at];
		text += String.fromCharCode.apply(null, codes);
	}
	return text;
}

/** What is printed from `start` to `end`, whatever its bytes are: ASCII, or else as `decodeText` reads it. */
export function readPrinted(bytes: Uint8Array, start: number, end: number): string {
	let text = "";
	const codes: number[] = [];
	for (let first = start; first < end; first += piece) {
		const count = end - first < piece ? end - first : piece;
		codes.length = count;
		for (let at = 0; at < count; at += 1) {
			const code = bytes[first + at];
			if (code > 126 || (code < 32 && code !== 9)) return decodeText(bytes.subarray(start, end));
			codes[at] = code;
		}
		text += String.fromCharCode.apply(null, codes);
	}
	return text;
}

/** Of a name more is not kept, printed: those of meters have 32 digits or less. */
const longestName = 256;

/** Where a name from `start` to `end` is cut. */
export function limitName(start: number, end: number, faults: Faults): number {
	if (end - start <= longestName) return end;
	faults.excess += 1;
	return start + longestName;
}

/**
 * An identifier: the text that hexadecimal digits from `start` to `end` spell, if it is printable ASCII; else it is as it is printed, as a
 * number may happen to consist of such digits. Empty where it is filled with 0 or with all bits set.
 */
export function parseName(bytes: Uint8Array, start: number, end: number): string {
	const plain = parsePlain(bytes, start, end);
	if (plain !== null) return plain.trim();
	const octets = parseOctets(bytes, start, end);
	if (octets === null) return readPrinted(bytes, start, end).trim();
	const filled = findFill(octets);
	for (let at = 0; at < filled; at += 1) {
		if (octets[at] < 32 || octets[at] > 126) return readText(bytes, start, end);
	}
	return readText(octets, 0, filled).trim();
}

/** Where the zeros at the end of `octets` begin; 0 where all of it is zeros, or all of it is bytes with all bits set. */
export function findFill(octets: Uint8Array): number {
	const { length } = octets;
	let at = length;
	while (at > 0 && octets[at - 1] === 0) at -= 1;
	if (at !== length || length === 0 || octets[0] !== 0xff) return at;
	while (at > 0 && octets[at - 1] === 0xff) at -= 1;
	return at === 0 ? 0 : length;
}

/** The same where all of it is printable ASCII, as nearly all texts are; else null. */
function parsePlain(bytes: Uint8Array, start: number, end: number): string | null {
	if (((end - start) & 1) === 1) return null;
	const { values } = hexDigits;
	let text = "";
	const codes: number[] = [];
	for (let first = start; first < end; first += 2 * piece) {
		const rest = (end - first) >> 1;
		const count = rest < piece ? rest : piece;
		codes.length = count;
		for (let at = 0, digit = first; at < count; at += 1, digit += 2) {
			const code = (values[bytes[digit]] << 4) | values[bytes[digit + 1]];
			if (code < 32 || code > 126) return null;
			codes[at] = code;
		}
		text += String.fromCharCode.apply(null, codes);
	}
	return text;
}

/** What becomes of control characters: they stay, are left out, or make it no text unless they are blanks and line ends, which are left out. */
export type Controls = "keep" | "omit" | "refuse";

/**
 * The text in `octets`: UTF-8, or Latin-1 where it is not valid UTF-8, as no standard says which. Control characters are left
 * out.
 */
export function decodeText(octets: Uint8Array): string {
	return decodeUtf8(octets, "omit") ?? decodeLatin1(octets, "omit") ?? "";
}

function isControl(code: number): boolean {
	return code < 32 || (code >= 127 && code < 160);
}

function isBlank(code: number): boolean {
	return code === 9 || code === 10 || code === 13;
}

/** Latin-1; undefined where it has what is refused. */
export function decodeLatin1(octets: Uint8Array, controls: Controls): string | undefined {
	let text = "";
	const codes: number[] = [];
	for (let at = 0, count = 0; at < octets.length; at += 1) {
		const code = octets[at];
		if (isControl(code) && controls !== "keep") {
			if (controls === "refuse" && !isBlank(code)) return undefined;
		} else {
			codes[count] = code;
			count += 1;
		}
		if (count < piece && at + 1 < octets.length) continue;
		codes.length = count;
		text += String.fromCharCode.apply(null, codes);
		count = 0;
	}
	return text;
}

/** Strict UTF-8 (RFC 3629: no overlong forms, no surrogates); null where it is none, undefined where it has what is refused. */
export function decodeUtf8(octets: Uint8Array, controls: Controls = "keep"): string | null | undefined {
	let text = "";
	const codes: number[] = [];
	let count = 0;
	let at = 0;
	while (at < octets.length) {
		let code = octets[at];
		at += 1;
		if (code >= 0x80) {
			const following = code < 0xc2 ? 0 : code < 0xe0 ? 1 : code < 0xf0 ? 2 : code < 0xf5 ? 3 : 0;
			if (following === 0 || at + following > octets.length) return null;
			code &= 0x3f >> following;
			for (let left = following; left > 0; left -= 1) {
				if ((octets[at] & 0xc0) !== 0x80) return null;
				code = (code << 6) | (octets[at] & 0x3f);
				at += 1;
			}
			if (following === 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) return null;
			if (following === 3 && (code < 0x10000 || code > 0x10ffff)) return null;
		}
		if ((code < 32 || (code >= 127 && code < 160)) && controls !== "keep") {
			if (controls === "refuse" && !isBlank(code)) return undefined;
			continue;
		}
		codes[count] = code;
		count += 1;
		if (count < piece) continue;
		text += String.fromCodePoint.apply(null, codes);
		count = 0;
	}
	codes.length = count;
	return text + String.fromCodePoint.apply(null, codes);
}
