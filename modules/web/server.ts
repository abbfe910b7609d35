import type { Stream, StreamEvents } from "../ports/ports.js";
import { createRequestParser, parseRequest, type Request, type RequestParser } from "./request.js";

export interface Response {
	status: number;
	type: string;
	body: string;
	/** Further header fields, each with its line end. */
	extra?: string;
}

/**
 * An HTTP/1.1 server with one request per connection. It holds a fixed number of connections, each for a limited time and with
 * a limited header; when all are taken, the one that has kept its place longest without a whole request must go.
 */
export interface WebServer {
	readonly connections: Connection[];
	readonly mostConnections: number;
	readonly respond: (request: Request, now: number) => Response;
	readonly encode: (text: string) => Uint8Array;
	/** When `expireConnections` must be called at the latest, monotonic milliseconds. */
	deadline: number;
	/** Since the boot. */
	answered: number;
	refused: number;
	dropped: number;
}

interface Connection {
	readonly stream: Stream;
	/** Null once the request was answered. */
	parser: RequestParser | null;
	/** What is being handed over, how much of it is, and what comes then: the header, and the body. */
	bytes: Uint8Array | null;
	at: number;
	body: Uint8Array | null;
	deadline: number;
}

/** For a request to come whole, and for its answer to be taken. */
const requestTimeoutMs = 10_000;
/** Bytes of answers that clients have not taken yet, for each place. The longest page, with `/metrics`, has 12 KB. */
const heldPerConnection = 4_096;

const reasons: readonly (readonly [number, string])[] = Object.freeze(
	[
		[200, "OK"],
		[400, "Bad Request"],
		[401, "Unauthorized"],
		[404, "Not Found"],
		[405, "Method Not Allowed"],
		[411, "Length Required"],
		[413, "Content Too Large"],
		[421, "Misdirected Request"],
		[431, "Request Header Fields Too Large"],
		[500, "Internal Server Error"],
		[503, "Service Unavailable"],
		[505, "HTTP Version Not Supported"],
	],
	true,
);

export function createWebServer(
	mostConnections: number,
	respond: WebServer["respond"],
	encode: WebServer["encode"],
): WebServer {
	return { connections: [], mostConnections, respond, encode, deadline: Infinity, answered: 0, refused: 0, dropped: 0 };
}

export function admitConnection(server: WebServer, stream: Stream, now: () => number): StreamEvents | null {
	if (server.connections.length >= server.mostConnections && !makeRoom(server)) return null;
	const parser = createRequestParser();
	const connection: Connection = { stream, parser, bytes: null, at: 0, body: null, deadline: now() + requestTimeoutMs };
	server.connections.push(connection);
	server.deadline = Math.min(server.deadline, connection.deadline);
	return {
		onData: (bytes, count) => receive(server, connection, bytes, count, now()),
		onWritable: () => pump(server, connection),
		onEnd: () => forget(server, connection),
	};
}

/** Drops the oldest connection that has asked nothing yet; false when all are being answered. */
function makeRoom(server: WebServer): boolean {
	const idle = server.connections.find(connection => connection.parser !== null);
	if (idle === undefined) {
		server.refused += 1;
		return false;
	}
	server.dropped += 1;
	end(server, idle);
	return true;
}

function receive(server: WebServer, connection: Connection, bytes: Uint8Array, count: number, now: number): void {
	const { parser } = connection;
	if (parser === null) return;
	const progress = parseRequest(parser, bytes, count);
	if (progress === "more") return;
	const { request } = parser;
	const response = progress === "whole" ? answer(server, request!, now) : plain(progress);
	connection.parser = null;
	setAnswer(server, connection, response, request?.method === "HEAD");
	connection.deadline = now + requestTimeoutMs;
	server.answered += 1;
	pump(server, connection);
}

function answer(server: WebServer, request: Request, now: number): Response {
	const held = server.connections.reduce((sum, connection) => sum + (connection.body?.length ?? 0), 0);
	if (held > server.mostConnections * heldPerConnection) return plain(503, "Retry-After: 1\r\n");
	try {
		return server.respond(request, now);
	} catch {
		return plain(500);
	}
}

/** A status and nothing else. */
export function plain(status: number, extra = ""): Response {
	return { status, type: "text/plain", body: `${reasonOf(status)}\n`, extra };
}

function reasonOf(status: number): string {
	return reasons.find(([known]) => known === status)?.[1] ?? "Error";
}

/** Header and body apart, because together they would be in memory twice. */
function setAnswer(server: WebServer, connection: Connection, response: Response, headOnly: boolean): void {
	const { status, type, extra } = response;
	const body = server.encode(response.body);
	const head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n`;
	connection.bytes = server.encode(`${head}Cache-Control: no-store\r\nConnection: close\r\n${extra ?? ""}\r\n`);
	if (!headOnly) connection.body = body;
}

function pump(server: WebServer, connection: Connection): void {
	while (connection.bytes !== null) {
		const { bytes, stream } = connection;
		connection.at += stream.write(bytes, connection.at, bytes.length);
		if (connection.at < bytes.length) return;
		connection.at = 0;
		connection.bytes = bytes === connection.body ? null : connection.body;
		if (connection.bytes === null) end(server, connection);
	}
}

/** Ends what took too long. To be called at `deadline`. */
export function expireConnections(server: WebServer, now: number): void {
	let deadline = Infinity;
	for (let at = server.connections.length - 1; at >= 0; at -= 1) {
		const connection = server.connections[at];
		if (now < connection.deadline) {
			deadline = Math.min(deadline, connection.deadline);
			continue;
		}
		server.dropped += 1;
		end(server, connection);
	}
	server.deadline = deadline;
}

function end(server: WebServer, connection: Connection): void {
	forget(server, connection);
	connection.bytes = null;
	connection.stream.close();
}

function forget(server: WebServer, connection: Connection): void {
	const at = server.connections.indexOf(connection);
	if (at >= 0) server.connections.splice(at, 1);
}
