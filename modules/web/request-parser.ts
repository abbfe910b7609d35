/** Finds the lines of a request's header in the bytes that come. */

import { readText } from "../p1/hex-text.js";
import { fieldNames, type Request, readField, readFirstLine } from "./request.js";

/**
 * What has come of a request so far. Only lines that matter are kept, one at a time; of a header field that does not, only the name,
 * to find that it does not. All bytes are looked at: what is no text is refused.
 */
export interface RequestParser {
	/** The line that is coming, or the value of the field, as far as it is to be kept. */
	readonly bytes: Uint8Array;
	count: number;
	part: Part;
	/** The name of the field that is coming. */
	field: string;
	/** A carriage return came, behind which only a line feed may come. */
	isReturned: boolean;
	/** Bytes of the header. */
	total: number;
	request: Request | null;
	/** The status with which the request is refused when its header has come, or 0. */
	refusal: number;
	/** Where the header ended, in the bytes that were given last. */
	end: number;
}

/** Where the next byte is: before the request, in its first line, in a field's name, its value, or in what does not matter. */
type Part = "before" | "line" | "name" | "value" | "skipped";

/** `more`: not whole yet. A number is the status with which the request must be refused. */
export type Progress = "more" | "whole" | number;

/** A header of 2 KB is more than browsers and clients send to a host without cookies. */
export const headerLimit = 2048;
/** A longer first line is refused; of a longer value this much is kept, with which none that matters is right. An answer is made in the same room. */
const lineLimit = 512;
const tab = 9;
const lineFeed = 10;
const carriageReturn = 13;
const colon = 58;

/** For each byte 1 where a field's name may have it (RFC 9110, 5.6.2), else 0. */
const nameCharacters: readonly number[] = Object.freeze(
	Array.from({ length: 256 }, (_, code) => (/[A-Za-z0-9!#$%&'*+.^_`|~-]/.test(String.fromCharCode(code)) ? 1 : 0)),
);

export function createRequestParser(): RequestParser {
	return {
		bytes: new Uint8Array(lineLimit),
		count: 0,
		part: "before",
		field: "",
		isReturned: false,
		total: 0,
		request: null,
		refusal: 0,
		end: 0,
	};
}

/**
 * Takes bytes of one request (RFC 9112) up to the end of its header; what follows from `end` is its body. Linear in their number; no
 * search with a repetition in it looks at what came from outside, because in XS each place to which it could go back takes memory.
 */
export function parseRequest(parser: RequestParser, bytes: Uint8Array, count: number): Progress {
	let at = 0;
	if (parser.part === "before") {
		// Empty lines before a request are allowed (RFC 9112, 2.2).
		while (at < count && (bytes[at] === carriageReturn || bytes[at] === lineFeed)) at += 1;
		if (at < count) parser.part = "line";
	}
	while (at < count) {
		const stop = parser.isReturned ? at : passText(parser, bytes, at, count);
		if (!keepText(parser, bytes, at, stop)) return 431;
		if (stop === count) break;
		const byte = bytes[stop];
		at = stop + 1;
		parser.total += 1;
		if (parser.total > headerLimit) return 431;
		if (parser.isReturned && byte !== lineFeed) return 400;
		parser.isReturned = byte === carriageReturn;
		if (byte === lineFeed) {
			parser.end = at;
			if (parser.part === "name" && parser.count === 0) return endHeader(parser);
			endLine(parser);
		} else if (byte !== carriageReturn) {
			if (parser.part !== "name" || (byte < 32 && byte !== tab) || byte > 126) return 400;
			endName(parser, byte);
		}
	}
	return "more";
}

/** Where the text from `start` ends: at a control character or what is not ASCII, in a name at what no name has; or `count`. */
function passText({ part }: RequestParser, bytes: Uint8Array, start: number, count: number): number {
	let at = start;
	if (part === "name") {
		while (at < count && nameCharacters[bytes[at]] === 1) at += 1;
		return at;
	}
	for (; at < count; at += 1) {
		const byte = bytes[at];
		if (byte > 126 || (byte < 32 && byte !== tab)) break;
	}
	return at;
}

/** False when it is too much. */
function keepText(parser: RequestParser, bytes: Uint8Array, start: number, end: number): boolean {
	const length = end - start;
	parser.total += length;
	if (parser.total > headerLimit) return false;
	if (length === 0 || parser.part === "skipped") return true;
	const room = lineLimit - parser.count;
	if (length > room && parser.part !== "value") return false;
	const kept = Math.min(length, room);
	parser.bytes.set(bytes.subarray(start, start + kept), parser.count);
	parser.count += kept;
	return true;
}

/** The first reason counts. */
function refuse(parser: RequestParser, status: number): void {
	if (parser.refusal === 0) parser.refusal = status;
}

/** `byte` is the first that cannot be in a name. */
function endName(parser: RequestParser, byte: number): void {
	const { bytes, count } = parser;
	const isName = byte === colon && count > 0;
	if (!isName) refuse(parser, 400);
	const name = isName
		? fieldNames.find(field => field.length === count && field.charCodeAt(0) === (bytes[0] | 32))
		: "";
	parser.field = name !== undefined && readText(bytes, 0, count).toLowerCase() === name ? name : "";
	parser.part = parser.field === "" ? "skipped" : "value";
	parser.count = 0;
}

function endLine(parser: RequestParser): void {
	const { bytes, count, part, request } = parser;
	if (part === "line") {
		const first = readFirstLine(readText(bytes, 0, count));
		if (typeof first === "number") refuse(parser, first);
		else parser.request = first;
	} else if (part === "name") {
		// A field without a colon.
		refuse(parser, 400);
	} else if (part === "value" && request !== null) {
		const status = readField(request, parser.field, readText(bytes, 0, count).trim());
		if (status !== 0) refuse(parser, status);
	}
	parser.part = "name";
	parser.count = 0;
}

function endHeader({ request, refusal }: RequestParser): Progress {
	if (refusal !== 0) return refusal;
	return request === null || (request.host === null && !request.isOld) ? 400 : "whole";
}
