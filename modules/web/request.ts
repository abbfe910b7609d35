import { readText } from "../p1/hex-text.js";

/** One request as far as this server looks at it. */
export interface Request {
	method: string;
	/** Without the query. */
	path: string;
	/** The value of `Host`, or null, which HTTP/1.0 allows. */
	host: string | null;
	/** The value of `Authorization`, or null. */
	authorization: string | null;
	/** The value of `Accept`, empty where there is none. */
	accept: string;
	/** Bytes of a body that follows. */
	bodyLength: number;
}

/** What has come of a request so far. Its size is the limit of request line and header together. */
export interface RequestParser {
	readonly bytes: Uint8Array;
	count: number;
	/** Line ends in a row. */
	ends: number;
	/** The header is whole; what is left of the body. */
	request: Request | null;
	bodyLeft: number;
}

/** `more`: not whole yet. A number is the status with which the request must be refused. */
export type Progress = "more" | "whole" | number;

/** A header of 2 KB is more than browsers and clients send to a host without cookies. */
export const headerLimit = 2048;
const bodyLimit = 1024;
const lineFeed = 10;
const carriageReturn = 13;

export function createRequestParser(): RequestParser {
	return { bytes: new Uint8Array(headerLimit), count: 0, ends: 0, request: null, bodyLeft: 0 };
}

/** Takes bytes of one request (RFC 9112); what follows the request is ignored, because each connection has one only. */
export function parseRequest(parser: RequestParser, bytes: Uint8Array, count: number): Progress {
	let at = 0;
	while (parser.request === null) {
		if (at >= count) return "more";
		const byte = bytes[at];
		at += 1;
		if (parser.count >= headerLimit) return 431;
		// Empty lines before a request are allowed (RFC 9112, 2.2); anything else that is no text is not.
		if (parser.count === 0 && (byte === 13 || byte === 10)) continue;
		if (byte !== 13 && byte !== 10 && byte !== 9 && (byte < 32 || byte > 126)) return 400;
		parser.bytes[parser.count] = byte;
		parser.count += 1;
		if (byte === 10) parser.ends += 1;
		else if (byte !== 13) parser.ends = 0;
		if (parser.ends < 2) continue;
		const request = readHeader(parser);
		if (typeof request === "number") return request;
		if (request.bodyLength > bodyLimit) return 413;
		parser.request = request;
		parser.bodyLeft = request.bodyLength;
	}
	parser.bodyLeft -= Math.min(parser.bodyLeft, count - at);
	return parser.bodyLeft === 0 ? "whole" : "more";
}

/**
 * No search with a repetition in it looks at what came from outside: in XS each place to which it could go back takes memory, and
 * in two repetitions side by side time grows with the square or the cube of the length.
 */
function readHeader(parser: RequestParser): Request | number {
	const first = parser.bytes.indexOf(lineFeed);
	const line = readLine(parser, 0, first);
	const space = line.indexOf(" ");
	const last = line.lastIndexOf(" ");
	const method = line.slice(0, space);
	const target = line.slice(space + 1, last);
	const version = line.slice(last + 1);
	if (!/^[A-Z]{1,16}$/.test(method) || !/^HTTP\/\d\.\d$/.test(version)) return 400;
	if (!target.startsWith("/") || /[^!-~]/.test(target)) return 400;
	if (version.charAt(5) !== "1") return 505;
	const path = target.split(/[?#]/, 1)[0];
	const request: Request = { method, path, host: null, authorization: null, accept: "", bodyLength: 0 };
	let lengths = 0;
	for (let start = first + 1; start < parser.count; ) {
		const end = parser.bytes.indexOf(lineFeed, start);
		const field = readLine(parser, start, end);
		start = end + 1;
		if (field === "") continue;
		const colon = field.indexOf(":");
		const name = field.slice(0, colon).toLowerCase();
		if (colon < 1 || /[^a-z0-9!#$%&'*+.^_`|~-]/.test(name) || field.includes("\r")) return 400;
		const value = field.slice(colon + 1).trim();
		switch (name) {
			case "host":
				if (request.host !== null) return 400;
				request.host = value;
				break;
			case "authorization":
				request.authorization = value;
				break;
			case "accept":
				request.accept += `${value},`;
				break;
			case "content-length":
				lengths += 1;
				if (!/^\d{1,9}$/.test(value) || lengths > 1) return 400;
				request.bodyLength = Number(value);
				break;
			case "transfer-encoding":
				return 411;
		}
	}
	return request.host !== null || version === "HTTP/1.0" ? request : 400;
}

/** The line from `start` to the line feed at `end`. */
function readLine({ bytes }: RequestParser, start: number, end: number): string {
	return readText(bytes, start, end > start && bytes[end - 1] === carriageReturn ? end - 1 : end);
}
