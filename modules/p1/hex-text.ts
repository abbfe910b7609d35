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
	for (let first = start; first < end; first += piece) {
		const count = end - first < piece ? end - first : piece;
		const codes = new Array<number>(count);
		for (let at = 0; at < count; at += 1) codes[at] = bytes[first + at];
		text += String.fromCharCode.apply(null, codes);
	}
	return text;
}

/** What is printed from `start` to `end`, whatever its bytes are: ASCII, or else as `decodeText` reads it. */
export function readPrinted(bytes: Uint8Array, start: number, end: number): string {
	let text = "";
	for (let first = start; first < end; first += piece) {
		const count = end - first < piece ? end - first : piece;
		const codes = new Array<number>(count);
		for (let at = 0; at < count; at += 1) {
			const code = bytes[first + at];
			if (code > 126 || (code < 32 && code !== 9)) return decodeText(bytes.subarray(start, end));
			codes[at] = code;
		}
		text += String.fromCharCode.apply(null, codes);
	}
	return text;
}

/** Characters of a message, two digits each (E-Meter P1 Specification 1.1.3, table 3.1). More are cut. */
const longestMessage = 1_024;

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

/**
 * A message: the text that hexadecimal digits spell, UTF-8 or Latin-1, if there is no control character in it but blanks and line ends;
 * else it is as it is printed.
 */
export function parseMessage(bytes: Uint8Array, start: number, end: number, faults: Faults): string {
	const most = end - start > 2 * longestMessage ? start + 2 * longestMessage : end;
	const plain = parsePlain(bytes, start, most);
	if (plain !== null) {
		if (most < end) faults.excess += 1;
		return plain;
	}
	const octets = parseOctets(bytes, start, most);
	if (octets !== null) {
		const filled = findFill(octets);
		const text = decodeUtf8(octets.subarray(0, filled)) ?? decodeLatin1(octets.subarray(0, filled));
		if (!hasControl(text)) {
			if (most < end) faults.excess += 1;
			return stripControls(text);
		}
	}
	// Digits that spell control characters are text as they stand.
	const length = octets === null ? findFill(bytes.subarray(start, end)) : end - start;
	const kept = limitText(bytes.subarray(start, end), length);
	if (kept < length) faults.excess += 1;
	return decodeText(bytes.subarray(start, start + kept));
}

/** How many of the first `length` bytes of a printed text are kept: no part of a character of UTF-8. */
function limitText(bytes: Uint8Array, length: number): number {
	let at = Math.min(length, longestMessage);
	while (at > 0 && at < length && (bytes[at] & 0xc0) === 0x80) at -= 1;
	return at;
}

/** Where the zeros at the end of `octets` begin; 0 where all of it is zeros, or all of it is bytes with all bits set. */
function findFill(octets: Uint8Array): number {
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
	for (let first = start; first < end; first += 2 * piece) {
		const rest = (end - first) >> 1;
		const count = rest < piece ? rest : piece;
		const codes = new Array<number>(count);
		for (let at = 0; at < count; at += 1) {
			const code = (values[bytes[first + 2 * at]] << 4) | values[bytes[first + 2 * at + 1]];
			if (code < 32 || code > 126) return null;
			codes[at] = code;
		}
		text += String.fromCharCode.apply(null, codes);
	}
	return text;
}

/**
 * The text in `octets`: UTF-8, or Latin-1 where it is not valid UTF-8, as no standard says which. Control characters are left
 * out.
 */
export function decodeText(octets: Uint8Array): string {
	return stripControls(decodeUtf8(octets) ?? decodeLatin1(octets));
}

function isControl(code: number): boolean {
	return code < 32 || (code >= 127 && code < 160);
}

/** Whether the text has a control character other than TAB, LF and CR. */
function hasControl(text: string): boolean {
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (isControl(code) && code !== 9 && code !== 10 && code !== 13) return true;
	}
	return false;
}

function stripControls(text: string): string {
	let stripped = "";
	let first = 0;
	for (let at = 0; at < text.length; at += 1) {
		if (!isControl(text.charCodeAt(at))) continue;
		stripped += text.slice(first, at);
		first = at + 1;
	}
	return first === 0 ? text : stripped + text.slice(first);
}

function decodeLatin1(octets: Uint8Array): string {
	return readText(octets, 0, octets.length);
}

/** Strict UTF-8 (RFC 3629: no overlong forms, no surrogates), or null. */
export function decodeUtf8(octets: Uint8Array): string | null {
	let text = "";
	let at = 0;
	while (at < octets.length) {
		const lead = octets[at];
		at += 1;
		const following = lead < 0x80 ? 0 : lead < 0xc2 ? -1 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : -1;
		if (following < 0 || at + following > octets.length) return null;
		let code = following === 0 ? lead : lead & (0x3f >> following);
		for (let count = following; count > 0; count -= 1) {
			if ((octets[at] & 0xc0) !== 0x80) return null;
			code = (code << 6) | (octets[at] & 0x3f);
			at += 1;
		}
		if (following === 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) return null;
		if (following === 3 && (code < 0x10000 || code > 0x10ffff)) return null;
		text += String.fromCodePoint(code);
	}
	return text;
}
