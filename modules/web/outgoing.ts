/** What is on its way out of a connection. */
import { cutText } from "../messages/chunks.js";
import { formatHeader, type Part, type Response } from "./response.js";

/**
 * An answer on its way out, a piece at a time: the next is made when the one before is handed over. Bytes are written from where they
 * lie.
 *
 * A body whose length is not known is sent in chunks (RFC 9112, 7.1), so that a client sees whether it got all of it. Each begins with
 * the line end that is to be before it, of the header or of the chunk before. A client of HTTP/1.0 does not know chunks: there the end of
 * the connection is the end of the body.
 */
export interface Outgoing {
	/** What is being handed over: `bytes` from `at` on. */
	bytes: Uint8Array;
	at: number;
	/** A body of bytes that comes after the header; null where there is none, and once it has begun. */
	next: Uint8Array | null;
	/** What is left of the body's text, or of a part of it: `units` UTF-16 units from `textAt`. */
	text: string;
	textAt: number;
	units: number;
	/** Where the body's next parts come from. */
	parts: Iterator<Part, void> | null;
	/** A part of bytes that comes after the text; null where there is none. */
	octets: Uint8Array | null;
	/** The body is sent in chunks, and the last one is to come. */
	isChunked: boolean;
	/** Bytes of the heap that live for this answer alone. */
	readonly held: number;
}

export type Encode = (text: string) => Uint8Array;

/** For a client that waits to be told to send its body (RFC 9110, 10.1.1). */
const goOn = "HTTP/1.1 100 Continue\r\n\r\n";
const nothing = new Uint8Array(0);
const lastChunk = "\r\n0\r\n\r\n";
const hexDigits = "0123456789abcdef";
/**
 * UTF-16 units of a piece at most: up to three bytes each. Parts are put together while there are fewer than `fewUnits`, so that what is
 * made of parts of up to 300 is never cut: a piece beside the text that it is cut from takes as much memory as a longer piece.
 */
const mostUnits = 520;
const fewUnits = 220;

export function createContinue(encode: Encode): Outgoing {
	return createOutgoing(encode(goOn), 0);
}

/**
 * Begins an answer; what `before` has not handed over comes first. `isHead`: only the header is wanted. `isOld`: the client has
 * HTTP/1.0. Throws what making the first part of the body throws.
 */
export function createAnswer(
	before: Outgoing | null,
	response: Response,
	isHead: boolean,
	isOld: boolean,
	encode: Encode,
): Outgoing {
	const { body } = response;
	const bytes = typeof body === "string" && body.length <= mostUnits ? encode(body) : body;
	const isMade = typeof bytes !== "string" && !(bytes instanceof Uint8Array);
	const isChunked = isMade && !isOld;
	let framing = isChunked ? "Transfer-Encoding: chunked\r\n" : "";
	if (!isMade) framing = `Content-Length: ${countBytes(bytes, encode)}\r\n`;
	const text = formatHeader(response, framing);
	const header = encode(isChunked && !isHead ? text : `${text}\r\n`);
	const held = response.held ?? (typeof body === "string" ? body.length : 0);
	const outgoing = createOutgoing(before === null ? header : join(before.bytes.subarray(before.at), header), held);
	if (isHead) return outgoing;
	if (bytes instanceof Uint8Array) {
		outgoing.next = bytes;
	} else if (typeof bytes === "string") {
		outgoing.text = bytes;
		outgoing.units = bytes.length;
	} else {
		outgoing.parts = bytes;
		outgoing.isChunked = isChunked;
		takeParts(outgoing);
	}
	return outgoing;
}

function createOutgoing(bytes: Uint8Array, held: number): Outgoing {
	return { bytes, at: 0, next: null, text: "", textAt: 0, units: 0, parts: null, octets: null, isChunked: false, held };
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(first.length + second.length);
	bytes.set(first);
	bytes.set(second, first.length);
	return bytes;
}

function countBytes(body: string | Uint8Array, encode: Encode): number {
	if (typeof body !== "string") return body.length;
	let count = 0;
	for (let at = 0; at < body.length; ) {
		const next = cutText(body, at + mostUnits);
		count += encode(body.slice(at, next)).length;
		at = next;
	}
	return count;
}

/** What was to be handed over is: makes more, or returns false when that was all. Throws what making it throws. */
export function advance(outgoing: Outgoing, encode: Encode): boolean {
	const { next } = outgoing;
	outgoing.at = 0;
	outgoing.next = null;
	// The piece before goes first.
	if (next === null) {
		outgoing.bytes = nothing;
		outgoing.bytes = encodeNext(outgoing, encode);
	} else outgoing.bytes = next;
	return outgoing.bytes.length > 0;
}

/** The next piece of the body, empty where there is none. */
function encodeNext(outgoing: Outgoing, encode: Encode): Uint8Array {
	if (outgoing.units === 0 && outgoing.octets === null) takeParts(outgoing);
	const { isChunked, octets, units } = outgoing;
	if (units > 0) {
		const text = takeText(outgoing);
		return isChunked ? encodeChunk(text, units - outgoing.units, encode) : encode(text);
	}
	outgoing.octets = null;
	if (octets !== null) return isChunked ? join(encode(beginChunk(octets.length)), octets) : octets;
	outgoing.isChunked = false;
	return isChunked ? encode(lastChunk) : nothing;
}

/** Puts parts together until there is text enough for a piece, or bytes. */
function takeParts(outgoing: Outgoing): void {
	const { parts } = outgoing;
	let text = "";
	let units = 0;
	while (parts !== null && units < fewUnits) {
		const { value } = parts.next();
		if (typeof value === "string") {
			text += value;
			// XS counts them each time.
			units += value.length;
			continue;
		}
		if (value === undefined) outgoing.parts = null;
		else if (value.length === 0) continue;
		else outgoing.octets = value;
		break;
	}
	outgoing.text = text;
	outgoing.units = units;
}

function takeText(outgoing: Outgoing): string {
	const { text, textAt, units } = outgoing;
	if (units > mostUnits) {
		const next = cutText(text, textAt + mostUnits);
		outgoing.units -= next - textAt;
		outgoing.textAt = next;
		return text.slice(textAt, next);
	}
	outgoing.text = "";
	outgoing.textAt = 0;
	outgoing.units = 0;
	return textAt === 0 ? text : text.slice(textAt);
}

/** `toString(16)` takes XS three times as long. */
function beginChunk(length: number): string {
	let digits = "";
	for (let rest = length; rest > 0; rest >>= 4) digits = hexDigits.charAt(rest & 15) + digits;
	return `\r\n${digits}\r\n`;
}

function encodeChunk(text: string, units: number, encode: Encode): Uint8Array {
	const start = beginChunk(units);
	const bytes = encode(start + text);
	const excess = bytes.length - start.length - units;
	// Not ASCII: once more, with what is known now.
	return excess === 0 ? bytes : encode(beginChunk(units + excess) + text);
}
