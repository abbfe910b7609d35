/** Reads answers, whole or in chunks. */
import type { Body, BodySink, Response } from "../../modules/web/response.js";

/** The whole text of a body, whatever it is made of. */
export function readBody(body: Body): string {
	if (typeof body === "string") return body;
	if (body instanceof Uint8Array) return Buffer.from(body).toString();
	let text = "";
	for (let part = body.next(); part.value !== undefined; part = body.next()) text += part.value;
	return text;
}

/** An answer with its whole text. */
export interface ReadResponse extends Omit<Response, "body"> {
	body: string;
}

export function readResponse(response: Response | BodySink): ReadResponse {
	if ("onBytes" in response) throw new Error("a body is wanted first");
	return { ...response, body: readBody(response.body) };
}

/** What a client of HTTP reads: the status, the header and the body, its chunks taken apart and checked to the byte. */
export interface ReadAnswer {
	status: number;
	header: string;
	body: string;
	/** Lengths of the chunks; none where it came without. */
	chunks: number[];
}

export function readAnswer(received: string): ReadAnswer {
	const bytes = Buffer.from(received, "utf8");
	const end = bytes.indexOf("\r\n\r\n") + 4;
	const header = bytes.subarray(0, end).toString();
	const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(header)?.[1]);
	if (!header.includes("\r\nTransfer-Encoding: chunked\r\n")) {
		const body = bytes.subarray(end);
		const length = /\r\nContent-Length: (\d+)\r\n/.exec(header)?.[1];
		if (length !== undefined && body.length > 0 && body.length !== Number(length)) throw new Error("wrong length");
		return { status, header, body: body.toString(), chunks: [] };
	}
	const parts: Buffer[] = [];
	for (let at = end; ; ) {
		const lineEnd = bytes.indexOf("\r\n", at);
		const digits = bytes.subarray(at, lineEnd).toString();
		if (lineEnd < 0 || !/^[0-9a-f]+$/.test(digits)) throw new Error(`no chunk at ${at}: the body is cut off`);
		const length = Number.parseInt(digits, 16);
		const start = lineEnd + 2;
		at = start + length + 2;
		if (bytes.subarray(start + length, at).toString() !== "\r\n") throw new Error(`the chunk at ${start} has no end`);
		if (length > 0) {
			parts.push(bytes.subarray(start, start + length));
			continue;
		}
		if (at !== bytes.length) throw new Error("something comes after the last chunk");
		return { status, header, body: Buffer.concat(parts).toString(), chunks: parts.map(part => part.length) };
	}
}
