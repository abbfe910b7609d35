/** The tag of a general-glo-ciphering APDU (DLMS Green Book 9.5). */
export const cipheredTag = 0xdb;

const suite0 = 0x20;
const suite0Authenticated = 0x30;

/** Security control, frame counter and tag: what the length counts besides the ciphertext. */
export const leastLength = 17;

/** Where the parts of one ciphered APDU lie in the buffer. Made once, overwritten by each `parseHeader`. */
export interface Apdu {
	titleStart: number;
	titleEnd: number;
	securityControl: number;
	/** Start of the frame counter, four bytes, big-endian. */
	counterStart: number;
	/** The ciphertext, as long as the plaintext. */
	textStart: number;
	textEnd: number;
	/** 12, or 0 where the frame is not authenticated. The tag begins at `textEnd`. */
	tagLength: number;
	/** The end of the whole frame. */
	end: number;
}

export function createApdu(): Apdu {
	return {
		titleStart: 0,
		titleEnd: 0,
		securityControl: 0,
		counterStart: 0,
		textStart: 0,
		textEnd: 0,
		tagLength: 0,
		end: 0,
	};
}

/**
 * `header`: `apdu` describes the frame, whose end may lie behind `end`. `incomplete`: so far it could be one. `noise`: not a
 * frame. `length` and `securityControl`: a frame's shape, but with a length or a security control that is refused.
 */
export type HeaderVerdict = "header" | "incomplete" | "noise" | "length" | "securityControl";

/**
 * Reads the header of the APDU that begins with the tag at `start`, with bytes up to `end` and a length up to `cap`: system
 * title of 1 to 16 bytes, BER length in any form, security control 0x30 or 0x20, frame counter (E-Meter P1 Specification
 * 1.1.3, 3.2.5; Green Book ed. 9, 9.2.7.2.4). Constant cost.
 */
export function parseHeader(apdu: Apdu, bytes: Uint8Array, start: number, end: number, cap: number): HeaderVerdict {
	if (start + 2 > end) return "incomplete";
	const titleLength = bytes[start + 1];
	if (titleLength === 0 || titleLength > 16) return "noise";
	let at = start + 2 + titleLength;
	if (at + 1 > end) return "incomplete";
	let length = bytes[at];
	at += 1;
	if (length >= 0x80) {
		const count = length & 0x7f;
		if (count === 0 || count > 4) return "noise";
		if (at + count > end) return "incomplete";
		length = 0;
		for (let index = 0; index < count; index += 1) length = length * 256 + bytes[at + index];
		at += count;
	}
	if (at + 1 > end) return "incomplete";
	const control = bytes[at];
	const supported = control === suite0 || control === suite0Authenticated;
	// Suites 0 to 2 with any protection, key or compression bit: a frame of a kind that this reader does not open.
	if (!supported && ((control & 0x0c) !== 0 || (control & 0x03) === 3 || (control & 0x30) === 0)) return "noise";
	if (length < leastLength || length > cap) return supported ? "length" : "noise";
	if (!supported) return "securityControl";
	apdu.titleStart = start + 2;
	apdu.titleEnd = start + 2 + titleLength;
	apdu.securityControl = control;
	apdu.counterStart = at + 1;
	apdu.textStart = at + 5;
	apdu.tagLength = control === suite0Authenticated ? 12 : 0;
	apdu.end = at + length;
	apdu.textEnd = apdu.end - apdu.tagLength;
	return "header";
}
