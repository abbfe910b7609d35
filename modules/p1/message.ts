/** A message to the customer, read in steps. */
import type { Faults } from "./faults.js";
import { decodeLatin1, decodeText, decodeUtf8, findFill, parseOctets } from "./hex-text.js";

/** Characters of a message, two digits each (E-Meter P1 Specification 1.1.3, table 3.1). More are cut. */
const longestMessage = 1_024;

/**
 * A message on its way: the text that hexadecimal digits spell, UTF-8 or Latin-1, if there is no control character in it but blanks and
 * line ends; else it is as it is printed.
 */
export interface MessageWalk {
	/** Of `Readings.messages`. */
	readonly place: number;
	/** Where it is printed. */
	readonly start: number;
	readonly end: number;
	stage: "digits" | "UTF-8" | "Latin-1" | "printed" | "read";
	/** What the digits spell, without what fills it up; null before, or where they spell nothing. */
	octets: Uint8Array | null;
	/** Null where it is empty, and until it is read. */
	text: string | null;
}

export function beginMessage(place: number, start: number, end: number): MessageWalk {
	return { place, start, end, stage: "digits", octets: null, text: null };
}

/** All of it at once; empty where it says nothing. */
export function parseMessage(bytes: Uint8Array, start: number, end: number, faults: Faults): string {
	const message = beginMessage(0, start, end);
	while (!continueMessage(message, bytes, faults)) {}
	return message.text ?? "";
}

/** Takes a step; true when the text is there. Cost: up to three million instructions. */
export function continueMessage(message: MessageWalk, bytes: Uint8Array, faults: Faults): boolean {
	const { start, end, octets } = message;
	if (octets === null) {
		const most = Math.min(end, start + 2 * longestMessage);
		const spelled = message.stage === "digits" ? parseOctets(bytes, start, most) : null;
		if (spelled === null) return endMessage(message, readPrinted(message, bytes, faults));
		message.octets = spelled.subarray(0, findFill(spelled));
		message.stage = "UTF-8";
		return false;
	}
	const text = message.stage === "UTF-8" ? decodeUtf8(octets, "refuse") : decodeLatin1(octets, "refuse");
	if (text === null) {
		message.stage = "Latin-1";
		return false;
	}
	if (text === undefined) {
		// Digits that spell control characters are text as they stand.
		message.stage = "printed";
		message.octets = null;
		return false;
	}
	if (end - start > 2 * longestMessage) faults.excess += 1;
	return endMessage(message, text);
}

function endMessage(message: MessageWalk, text: string): true {
	message.text = text || null;
	message.octets = null;
	message.stage = "read";
	return true;
}

function readPrinted({ start, end, stage }: MessageWalk, bytes: Uint8Array, faults: Faults): string {
	const length = stage === "digits" ? findFill(bytes.subarray(start, end)) : end - start;
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
