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

/** The characters in `bytes` from `start` to `end`, which are ASCII. */
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

/** The text that hexadecimal digits from `start` to `end` spell, as `decodeText` reads it; null if they spell none. */
export function parseText(bytes: Uint8Array, start: number, end: number): string | null {
	const plain = parsePlain(bytes, start, end);
	if (plain !== null) return plain;
	const octets = parseOctets(bytes, start, end);
	return octets === null ? null : decodeText(octets);
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
	return decodeUtf8(octets) ?? decodeLatin1(octets);
}

function isControl(code: number): boolean {
	return code < 32 || (code >= 127 && code < 160);
}

function decodeLatin1(octets: Uint8Array): string {
	let text = "";
	for (let at = 0; at < octets.length; at += 1) {
		if (!isControl(octets[at])) text += String.fromCharCode(octets[at]);
	}
	return text;
}

/** Strict UTF-8 (RFC 3629: no overlong forms, no surrogates), or null. */
function decodeUtf8(octets: Uint8Array): string | null {
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
		if (!isControl(code)) text += String.fromCodePoint(code);
	}
	return text;
}
