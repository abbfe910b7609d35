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

function readHeader(parser: RequestParser): Request | number {
	let text = "";
	for (let at = 0; at < parser.count; at += 1) text += String.fromCharCode(parser.bytes[at]);
	const lines = text.split("\n").map(line => (line.endsWith("\r") ? line.slice(0, -1) : line));
	const match = /^([A-Z]{1,16}) (\/[!-~]*) HTTP\/(\d)\.\d$/.exec(lines[0]);
	if (match === null) return 400;
	if (match[3] !== "1") return 505;
	const path = match[2].replace(/[?#].*$/, "");
	const request: Request = { method: match[1], path, host: null, authorization: null, accept: "", bodyLength: 0 };
	let lengths = 0;
	for (let at = 1; at < lines.length; at += 1) {
		if (lines[at] === "") continue;
		const field = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(lines[at]);
		if (field === null) return 400;
		const value = field[2];
		switch (field[1].toLowerCase()) {
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
	return request.host !== null || match[0].endsWith("1.0") ? request : 400;
}
