/** What is on its way out of a connection. */
import { cutText } from "../messages/chunks.js";
import { type Body, formatHeader, type Part, type Response } from "./response.js";

/**
 * An answer on its way out. Of a text there is half a kilobyte at a time, which is made when the one before is handed over; bytes are
 * written from where they lie.
 *
 * A body whose length is not known is sent in chunks (RFC 9112, 7.1), so that a client sees whether it got all of it. A client of
 * HTTP/1.0 does not know them: there the end of the connection is the end of the body.
 */
export interface Outgoing {
	/** Room for a part of the answer. */
	readonly buffer: Uint8Array;
	/** What is being handed over: `bytes` from `at` to `end`. */
	bytes: Uint8Array;
	at: number;
	end: number;
	/** What goes into the buffer, from `textAt`: the header, the body, or a part of it. */
	text: Part;
	textAt: number;
	/** What comes after the header; null once it has begun. */
	body: Body | null;
	/** Where the body's next parts come from. */
	parts: Iterator<Part, void> | null;
	/** The body is sent in chunks, and the last one is to come. */
	isChunked: boolean;
	/** Bytes of the heap that live for this answer besides the buffer. */
	readonly held: number;
}

export type Encode = (text: string) => Uint8Array;

/** For a client that waits to be told to send its body (RFC 9110, 10.1.1). */
const goOn = "HTTP/1.1 100 Continue\r\n\r\n";
/** A chunk begins with its length in three digits and a line end, and ends with a line end; one without length is the last. */
const chunkHead = 5;
const chunkTail = 2;
const lastChunk = "0\r\n\r\n";
/** Characters that are encoded at a time where only their number is wanted. */
const countedLength = 256;

/** `buffer` is the answer's until it is sent. */
export function createContinue(buffer: Uint8Array, encode: Encode): Outgoing {
	const outgoing = createOutgoing(buffer, goOn, 0);
	outgoing.end = fill(outgoing, 0, encode);
	return outgoing;
}

/**
 * Begins an answer; what `before` has not handed over comes first. `isHead`: only the header is wanted. `isOld`: the client has
 * HTTP/1.0. Throws what making the first part of the body throws.
 */
export function createAnswer(
	buffer: Uint8Array,
	before: Outgoing | null,
	response: Response,
	isHead: boolean,
	isOld: boolean,
	encode: Encode,
): Outgoing {
	const { body, held } = response;
	const isMade = typeof body !== "string" && !(body instanceof Uint8Array);
	let framing = isOld ? "" : "Transfer-Encoding: chunked\r\n";
	if (!isMade) framing = `Content-Length: ${countBytes(body, encode)}\r\n`;
	const ownLength = typeof body === "string" ? body.length : 0;
	const outgoing = createOutgoing(buffer, formatHeader(response, framing), held ?? ownLength);
	if (!isHead) {
		outgoing.body = body;
		outgoing.isChunked = isMade && !isOld;
	}
	let count = 0;
	if (before !== null) {
		buffer.copyWithin(0, before.at, before.end);
		count = before.end - before.at;
		before.at = 0;
		before.end = count;
	}
	outgoing.end = fill(outgoing, count, encode);
	return outgoing;
}

function createOutgoing(buffer: Uint8Array, text: string, held: number): Outgoing {
	return { buffer, bytes: buffer, at: 0, end: 0, text, textAt: 0, body: null, parts: null, isChunked: false, held };
}

function countBytes(body: string | Uint8Array, encode: Encode): number {
	if (typeof body !== "string") return body.length;
	let count = 0;
	for (let at = 0; at < body.length; ) {
		const next = cutText(body, at + countedLength);
		count += encode(body.slice(at, next)).length;
		at = next;
	}
	return count;
}

/** What was to be handed over is: makes more, or returns false when that was all. Throws what making it throws. */
export function advance(outgoing: Outgoing, encode: Encode): boolean {
	const { buffer, body } = outgoing;
	outgoing.at = 0;
	outgoing.bytes = buffer;
	outgoing.end = fill(outgoing, 0, encode);
	if (outgoing.end > 0) return true;
	if (!(body instanceof Uint8Array) || body.length === 0) return false;
	outgoing.body = null;
	outgoing.bytes = body;
	outgoing.end = body.length;
	return true;
}

/** Puts as much of the text into the buffer as there is room for behind its first `count` bytes; returns where that ends. */
function fill(outgoing: Outgoing, count: number, encode: Encode): number {
	const { buffer, body } = outgoing;
	let end = count;
	if (body !== null) {
		end = fillText(outgoing, end, buffer.length, encode);
		if (outgoing.textAt < outgoing.text.length || body instanceof Uint8Array) return end;
		beginBody(outgoing, body);
	}
	return outgoing.isChunked ? fillChunk(outgoing, end, encode) : fillText(outgoing, end, buffer.length, encode);
}

function beginBody(outgoing: Outgoing, body: string | Iterator<Part, void>): void {
	outgoing.body = null;
	outgoing.textAt = 0;
	outgoing.text = typeof body === "string" ? body : "";
	outgoing.parts = typeof body === "string" ? null : body;
}

/** One chunk from `count`, and the last, which is empty, where the body is over. */
function fillChunk(outgoing: Outgoing, count: number, encode: Encode): number {
	const { buffer } = outgoing;
	const start = count + chunkHead;
	let end = fillText(outgoing, start, buffer.length - chunkTail - lastChunk.length, encode);
	if (end > start) {
		put(buffer, count, encode(`${(end - start).toString(16).padStart(3, "0")}\r\n`));
		end = put(buffer, end, encode("\r\n"));
	} else {
		end = count;
	}
	if (outgoing.parts !== null || outgoing.textAt < outgoing.text.length || end + lastChunk.length > buffer.length) {
		return end;
	}
	outgoing.isChunked = false;
	return put(buffer, end, encode(lastChunk));
}

/** The text from `start` to `limit` at most. */
function fillText(outgoing: Outgoing, start: number, limit: number, encode: Encode): number {
	let count = start;
	while (count < limit) {
		const { text, textAt } = outgoing;
		if (textAt >= text.length) {
			if (!takePart(outgoing)) break;
			continue;
		}
		if (typeof text !== "string") {
			const next = Math.min(text.length, textAt + limit - count);
			count = put(outgoing.buffer, count, text.subarray(textAt, next));
			outgoing.textAt = next;
			continue;
		}
		let next = cutText(text, textAt + limit - count);
		let bytes = encode(textAt === 0 && next >= text.length ? text : text.slice(textAt, next));
		if (bytes.length > limit - count) {
			// Not ASCII. A character has up to three bytes for each of its UTF-16 units, and the last one may have a unit more.
			const units = Math.floor((limit - count - 1) / 3);
			if (units < 1) break;
			next = cutText(text, textAt + units);
			bytes = encode(text.slice(textAt, next));
		}
		count = put(outgoing.buffer, count, bytes);
		outgoing.textAt = next;
	}
	return count;
}

/** False when there is no more. */
function takePart(outgoing: Outgoing): boolean {
	outgoing.text = "";
	outgoing.textAt = 0;
	if (outgoing.parts === null) return false;
	const { value } = outgoing.parts.next();
	if (value === undefined) outgoing.parts = null;
	else outgoing.text = value;
	return value !== undefined;
}

function put(buffer: Uint8Array, at: number, bytes: Uint8Array): number {
	buffer.set(bytes, at);
	return at + bytes.length;
}
