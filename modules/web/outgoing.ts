/** What is on its way out of a connection. */
import { cutText } from "../messages/chunks.js";
import { formatHeader, type Part, type Response } from "./response.js";

/**
 * An answer on its way out, a piece at a time: the next is made when the one before is handed over. Bytes are written from where they
 * lie.
 *
 * A body whose length is not known is sent in chunks (RFC 9112, 7.1), so that a client sees whether it got all of it. A client of
 * HTTP/1.0 does not know them: there the end of the connection is the end of the body.
 */
export interface Outgoing {
	/** What is being handed over: `bytes` from `at` on. */
	bytes: Uint8Array;
	at: number;
	/** A body of bytes that comes after the header; null where there is none, and once it has begun. */
	next: Uint8Array | null;
	/** What is left of the body's text, or of a part of it, from `textAt`. */
	text: string;
	textAt: number;
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
const lastChunk = "0\r\n\r\n";
/** A chunk begins with its length in three digits and a line end, and ends with a line end; one without length is the last. */
const frameLength = 7;
/** UTF-16 units of a piece at most: up to three bytes each. Parts are put together while there are fewer than `fewUnits`. */
const mostUnits = 320;
const fewUnits = 160;

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
	let framing = isOld ? "" : "Transfer-Encoding: chunked\r\n";
	if (!isMade) framing = `Content-Length: ${countBytes(bytes, encode)}\r\n`;
	const header = encode(formatHeader(response, framing));
	const held = response.held ?? (typeof body === "string" ? body.length : 0);
	const outgoing = createOutgoing(before === null ? header : join(before.bytes.subarray(before.at), header), held);
	if (isHead) return outgoing;
	if (bytes instanceof Uint8Array) {
		outgoing.next = bytes;
	} else if (typeof bytes === "string") {
		outgoing.text = bytes;
	} else {
		outgoing.parts = bytes;
		outgoing.isChunked = !isOld;
		takeParts(outgoing);
	}
	return outgoing;
}

function createOutgoing(bytes: Uint8Array, held: number): Outgoing {
	return { bytes, at: 0, next: null, text: "", textAt: 0, parts: null, octets: null, isChunked: false, held };
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
		outgoing.bytes = none();
		outgoing.bytes = encodeNext(outgoing, encode);
	} else outgoing.bytes = next;
	return outgoing.bytes.length > 0;
}

function none(): Uint8Array {
	return new Uint8Array(0);
}

/** The next piece of the body, empty where there is none. */
function encodeNext(outgoing: Outgoing, encode: Encode): Uint8Array {
	if (outgoing.text === "" && outgoing.octets === null) takeParts(outgoing);
	const { isChunked, octets } = outgoing;
	if (outgoing.text !== "") return isChunked ? encodeChunk(takeText(outgoing), encode) : encode(takeText(outgoing));
	outgoing.octets = null;
	if (octets !== null) return isChunked ? frameOctets(octets, encode) : octets;
	outgoing.isChunked = false;
	return isChunked ? encode(lastChunk) : none();
}

/** Puts parts together until there is text enough for a piece, or bytes. */
function takeParts(outgoing: Outgoing): void {
	while (outgoing.parts !== null && outgoing.octets === null && outgoing.text.length < fewUnits) {
		const { value } = outgoing.parts.next();
		if (value === undefined) outgoing.parts = null;
		else if (typeof value === "string") outgoing.text += value;
		else if (value.length > 0) outgoing.octets = value;
	}
}

function takeText(outgoing: Outgoing): string {
	const { text, textAt } = outgoing;
	const next = cutText(text, textAt + mostUnits);
	if (next < text.length) {
		outgoing.textAt = next;
		return text.slice(textAt, next);
	}
	outgoing.text = "";
	outgoing.textAt = 0;
	return textAt === 0 ? text : text.slice(textAt);
}

/** One chunk. */
function encodeChunk(text: string, encode: Encode): Uint8Array {
	const bytes = encode(frame(text, text.length));
	const excess = bytes.length - text.length - frameLength;
	// Not ASCII: once more, with what is known now.
	return excess === 0 ? bytes : encode(frame(text, text.length + excess));
}

function frame(text: string, length: number): string {
	return `${length.toString(16).padStart(3, "0")}\r\n${text}\r\n`;
}

/** The same of bytes: at most 4 KiB, of which the chunk is a copy. */
function frameOctets(octets: Uint8Array, encode: Encode): Uint8Array {
	const frames = encode(frame("", octets.length));
	const bytes = new Uint8Array(octets.length + frameLength);
	bytes.set(frames);
	bytes.set(octets, frameLength - 2);
	bytes.set(frames.subarray(frameLength - 2), octets.length + frameLength - 2);
	return bytes;
}
