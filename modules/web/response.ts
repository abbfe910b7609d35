/** What is answered to a request, and the words of HTTP for it. */

/** A piece of a long body. Bytes are copied before the next piece is asked for, and not all at once. */
export type Part = string | Uint8Array;

/**
 * A short text; bytes, which are written from where they lie, so that those in flash take no memory; or a long body that is made
 * part by part, when there is room for it. What the parts are made of must not change while they are made: a telegram may come
 * between two of them.
 */
export type Body = string | Uint8Array | Iterator<Part, void>;

export interface Response {
	status: number;
	/** The value of `Content-Type`. */
	type: string;
	body: Body;
	/** Further header fields, each with its line end. */
	extra?: string;
	/** Bytes of the heap that may live for this body alone until it is sent, such as those of a telegram before the latest. */
	held?: number;
	/** Milliseconds for which the client waits for it; absent for none. */
	delay?: number;
}

/**
 * Takes the body of a request while it comes; nothing is kept of it by the server. After its last byte `onEnd` is called, and
 * `onAbort` when that does not come: one of the two, once.
 */
export interface BodySink {
	/** The next bytes of the body are those from `start` to `end`, valid during this call. What it answers is sent at once, and nothing more is called. */
	onBytes(bytes: Uint8Array, start: number, end: number): Response | null;
	onEnd(): Response;
	/** The client is gone or too slow, or `onBytes` threw. */
	onAbort(): void;
}

/** Takes a short body whole; `onWhole` answers it. */
export function collectBody(length: number, onWhole: (body: Uint8Array) => Response): BodySink {
	const body = new Uint8Array(length);
	let count = 0;
	return {
		onBytes(bytes, start, end) {
			body.set(bytes.subarray(start, end), count);
			count += end - start;
			return null;
		},
		onEnd: () => onWhole(body),
		onAbort() {},
	};
}

export const text = "text/plain; charset=utf-8";
export const json = "application/json";
export const octets = "application/octet-stream";

const reasons: readonly (readonly [number, string])[] = Object.freeze(
	[
		[200, "OK"],
		[204, "No Content"],
		[302, "Found"],
		[303, "See Other"],
		[400, "Bad Request"],
		[401, "Unauthorized"],
		[403, "Forbidden"],
		[404, "Not Found"],
		[405, "Method Not Allowed"],
		[409, "Conflict"],
		[411, "Length Required"],
		[413, "Content Too Large"],
		[415, "Unsupported Media Type"],
		[421, "Misdirected Request"],
		[422, "Unprocessable Content"],
		[431, "Request Header Fields Too Large"],
		[500, "Internal Server Error"],
		[503, "Service Unavailable"],
		[505, "HTTP Version Not Supported"],
	],
	true,
);

function reasonOf(status: number): string {
	return reasons.find(([known]) => known === status)?.[1] ?? "Error";
}

/** A status and nothing else. */
export function plain(status: number, extra = ""): Response {
	return { status, type: "text/plain", body: `${reasonOf(status)}\n`, extra };
}

/** A status and a sentence for people. */
export function explain(status: number, body: string): Response {
	return { status, type: text, body };
}

const always = "Cache-Control: no-store\r\nConnection: close\r\n";

/**
 * Status line and header, without the empty line after them. `framing`: the header field that tells where the body ends, with its line
 * end; empty where the connection's end does.
 */
export function formatHeader({ status, type, extra }: Response, framing: string): string {
	return `HTTP/1.1 ${status} ${reasonOf(status)}\r\nContent-Type: ${type}\r\n${framing}${always}${extra ?? ""}`;
}
