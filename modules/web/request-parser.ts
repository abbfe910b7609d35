/** Finds the lines of a request's header in the bytes that come. */

import { consistsOf } from "../p1/characters.js";
import { readText } from "../p1/hex-text.js";
import { fieldNames, type Request, readField, readFirstLine } from "./request.js";

/**
 * What has come of a request so far. Only a line whose end has not come is kept. Of a header field that does not matter, the first
 * letter is looked at, and where its name ends.
 */
export interface RequestParser {
	/** The beginning of a line whose end has not come. */
	text: string;
	part: Part;
	/** Bytes of the header, those before its first line included. */
	total: number;
	request: Request | null;
	/** The status with which the request is refused when its header has come, or 0. */
	refusal: number;
	/** Where the header ended, in the bytes that were given last. */
	end: number;
}

/** Which line comes next: the first, before which empty ones may come, or a header field. */
type Part = "line" | "field";

/** `more`: not whole yet. A number is the status with which the request must be refused. */
export type Progress = "more" | "whole" | number;

/** The bytes from `start` to `end` as text, or null where they are not ASCII. */
export type Decode = (bytes: Uint8Array, start: number, end: number) => string | null;

/** A header of 2 KB is more than browsers and clients send to a host without cookies. */
export const headerLimit = 2048;
/** A longer first line is refused; of a longer field this much is read, with which none that matters is right. */
const lineLimit = 512;
const lineFeed = 10;

export function createRequestParser(): RequestParser {
	return { text: "", part: "line", total: 0, request: null, refusal: 0, end: 0 };
}

/** Where the platform has nothing of its own. */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string | null {
	const text = readText(bytes, start, end);
	return consistsOf(text, "\0\x7f") ? text : null;
}

/**
 * Takes bytes of one request (RFC 9112) up to the end of its header; what follows from `end` is its body. Linear in their number; no
 * search with a repetition in it looks at what came from outside, because in XS each place to which it could go back takes memory.
 */
export function parseRequest(parser: RequestParser, bytes: Uint8Array, count: number, decode: Decode): Progress {
	// At once, and in XS for a fiftieth of what it costs to look at each byte. The text itself is not kept meanwhile.
	const lines = decode(bytes, 0, count)?.split("\n");
	if (lines !== undefined) return takeLines(parser, lines, 0);
	// Perhaps a body follows that is no text: line by line, as far as the header goes.
	for (let at = 0; at < count; ) {
		let end = at;
		while (end < count && bytes[end] !== lineFeed) end += 1;
		end = Math.min(end + 1, count);
		const line = decode(bytes, at, end);
		if (line === null) return 400;
		const progress = takeLines(parser, line.split("\n"), at);
		if (progress !== "more") return progress;
		at = end;
	}
	return "more";
}

/** `start`: where the text of the lines begins in the bytes that were given. The last one's end has not come. */
function takeLines(parser: RequestParser, lines: readonly string[], start: number): Progress {
	const last = lines.length - 1;
	parser.end = start;
	for (let at = 0; at < last; at += 1) {
		const piece = lines[at];
		parser.end += piece.length + 1;
		parser.total += piece.length + 1;
		if (parser.total > headerLimit) return 431;
		const progress = takeLine(parser, withoutReturn(addTo(parser.text, piece)));
		if (progress !== "more") return progress;
		parser.text = "";
	}
	parser.total += lines[last].length;
	parser.text = addTo(parser.text, lines[last]);
	if (parser.total > headerLimit) return 431;
	if (parser.part !== "line") return "more";
	// Whoever takes the server for another one need not wait for its end.
	if (parser.text.length > lineLimit) return 431;
	return isText(withoutReturn(parser.text)) ? "more" : 400;
}

/** Not more of a line than shows that it is too long, its carriage return apart. */
function addTo(text: string, piece: string): string {
	const limit = lineLimit + 2;
	return text.length < limit ? (text + piece).slice(0, limit) : text;
}

function withoutReturn(line: string): string {
	return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function isText(text: string): boolean {
	// At once: what is not text is written in more characters there, and so are quotes and tabs.
	if (JSON.stringify(text).length === text.length + 2) return !text.includes("\x7f");
	for (let at = 0; at < text.length; at += 1) {
		const code = text.charCodeAt(at);
		if (code > 126 || (code < 32 && code !== 9)) return false;
	}
	return true;
}

function takeLine(parser: RequestParser, line: string): Progress {
	const { part, request } = parser;
	if (part === "line") {
		// Empty lines before a request are allowed (RFC 9112, 2.2).
		if (line === "") return "more";
		if (line.length > lineLimit) return 431;
		if (!isText(line)) return 400;
		const first = readFirstLine(line);
		if (typeof first === "number") refuse(parser, first);
		else parser.request = first;
		parser.part = "field";
		return "more";
	}
	if (line === "") return endHeader(parser);
	const nameEnd = line.indexOf(":");
	if (nameEnd < 0 && line.length > lineLimit) return 431;
	// White space before the name, which folded lines had once, or after it (RFC 9112, 5.1 and 5.2).
	if (nameEnd < 1 || line.charCodeAt(0) <= 32 || line.charCodeAt(nameEnd - 1) <= 32) {
		refuse(parser, 400);
		return "more";
	}
	const first = line.charCodeAt(0) | 32;
	if (!firstLetters.includes(first)) return "more";
	const name = line.slice(0, nameEnd).toLowerCase();
	if (!fieldNames.includes(name)) return "more";
	const value = line.slice(nameEnd + 1, lineLimit);
	if (!isText(value)) return 400;
	const status = request === null ? 0 : readField(request, name, value.trim());
	if (status !== 0) refuse(parser, status);
	return "more";
}

const firstLetters: readonly number[] = Object.freeze(fieldNames.map(name => name.charCodeAt(0)));

/** The first reason counts. */
function refuse(parser: RequestParser, status: number): void {
	if (parser.refusal === 0) parser.refusal = status;
}

function endHeader({ request, refusal }: RequestParser): Progress {
	if (refusal !== 0) return refusal;
	return request === null || (request.host === null && !request.isOld) ? 400 : "whole";
}
