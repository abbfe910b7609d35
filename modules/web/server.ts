/**
 * An HTTP/1.1 server with one request per connection. It holds a fixed number of connections, each for a limited time and with
 * a limited header; when all are taken, the one that has kept its place longest without a whole header must go.
 *
 * A connection goes through: the header comes; its body comes, where somebody takes it; the answer goes out; the rest of a body that
 * nobody takes comes. One kilobyte serves as room for the header and then for the answer.
 */

import type { Stream, StreamEvents } from "../ports/ports.js";
import {
	abort,
	answer,
	type Connection,
	end,
	forget,
	move,
	progressTimeoutMs,
	pump,
	setDeadline,
	type WebServer,
} from "./connection.js";
import { createContinue, type Encode } from "./outgoing.js";
import type { Request } from "./request.js";
import { createRequestParser, parseRequest } from "./request-parser.js";
import { type BodySink, plain, type Response } from "./response.js";

/** Bytes that live for answers alone that clients have not taken yet, for each place. */
const heldPerConnection = 4_096;

export function createWebServer(mostConnections: number, respond: WebServer["respond"], encode: Encode): WebServer {
	return { connections: [], mostConnections, respond, encode, deadline: Infinity, answered: 0, refused: 0, dropped: 0 };
}

export function admitConnection(server: WebServer, accept: () => Stream, now: () => number): StreamEvents | null {
	if (server.connections.length >= server.mostConnections && !makeRoom(server)) return null;
	const stream = accept();
	const parser = createRequestParser();
	const connection: Connection = {
		stream,
		parser,
		buffer: parser.bytes,
		isHead: false,
		isOld: false,
		sink: null,
		bodyLeft: 0,
		outgoing: null,
		isAnswered: false,
		isDelayed: false,
		moved: 0,
		deadline: Infinity,
	};
	server.connections.push(connection);
	setDeadline(server, connection, now() + progressTimeoutMs);
	return {
		onData: (bytes, count) => receive(server, connection, bytes, count, now()),
		onWritable: () => pump(server, connection, now()),
		onEnd: () => forget(server, connection),
	};
}

/** Drops the oldest connection that has asked nothing yet or has its answer; false when there is none. */
function makeRoom(server: WebServer): boolean {
	const idle = server.connections.find(
		({ parser, isAnswered, outgoing }) => parser !== null || (isAnswered && outgoing === null),
	);
	if (idle === undefined) {
		server.refused += 1;
		return false;
	}
	server.dropped += 1;
	end(server, idle);
	return true;
}

function receive(server: WebServer, connection: Connection, bytes: Uint8Array, count: number, now: number): void {
	let at = 0;
	if (connection.parser !== null) {
		const parsed = parse(server, connection, bytes, count, now);
		if (parsed === null) return;
		at = parsed.end;
		begin(server, connection, parsed.taker, parsed.isWaiting && at === count, now);
	}
	if (connection.bodyLeft > 0) takeBody(server, connection, bytes, at, Math.min(count, at + connection.bodyLeft), now);
}

/** What the header asked for; of the request itself nothing is kept. */
interface Parsed {
	/** Where the header ends. */
	end: number;
	isWaiting: boolean;
	taker: Response | BodySink;
}

/** Null while the header is not whole. */
function parse(
	server: WebServer,
	connection: Connection,
	bytes: Uint8Array,
	count: number,
	now: number,
): Parsed | null {
	const parser = connection.parser!;
	const progress = parseRequest(parser, bytes, count);
	if (progress === "more") return null;
	const { end, request } = parser;
	connection.parser = null;
	setDeadline(server, connection, now + progressTimeoutMs);
	if (progress !== "whole" || request === null) {
		return { end, isWaiting: false, taker: plain(progress === "whole" ? 400 : progress) };
	}
	connection.isHead = request.method === "HEAD";
	connection.isOld = request.isOld;
	connection.bodyLeft = request.bodyLength ?? 0;
	return { end, isWaiting: request.isWaiting, taker: respond(server, request, now) };
}

/** The header is whole. `isWaiting`: the client sends its body when it is told to. */
function begin(
	server: WebServer,
	connection: Connection,
	taker: Response | BodySink,
	isWaiting: boolean,
	now: number,
): void {
	if (!("onBytes" in taker)) {
		answer(server, connection, taker, now);
		return;
	}
	connection.sink = taker;
	if (connection.bodyLeft === 0) {
		finishBody(server, connection, now);
	} else if (isWaiting) {
		connection.outgoing = createContinue(connection.buffer, server.encode);
		pump(server, connection, now);
	}
}

function respond(server: WebServer, request: Request, now: number): Response | BodySink {
	const held = server.connections.reduce((sum, { outgoing }) => sum + (outgoing?.held ?? 0), 0);
	if (held > server.mostConnections * heldPerConnection) return plain(503, "Retry-After: 1\r\n");
	try {
		return server.respond(request, now);
	} catch {
		return plain(500);
	}
}

function takeBody(
	server: WebServer,
	connection: Connection,
	bytes: Uint8Array,
	start: number,
	until: number,
	now: number,
): void {
	connection.bodyLeft -= until - start;
	const { sink } = connection;
	if (sink !== null) {
		move(server, connection, until - start, now);
		try {
			const early = until > start ? sink.onBytes(bytes, start, until) : null;
			if (early !== null) {
				connection.sink = null;
				answer(server, connection, early, now);
				return;
			}
		} catch {
			abort(connection);
			answer(server, connection, plain(500), now);
			return;
		}
	}
	if (connection.bodyLeft > 0) return;
	if (sink !== null) finishBody(server, connection, now);
	else if (connection.isAnswered && connection.outgoing === null) end(server, connection);
}

function finishBody(server: WebServer, connection: Connection, now: number): void {
	const sink = connection.sink!;
	connection.sink = null;
	let response: Response;
	try {
		response = sink.onEnd();
	} catch {
		response = plain(500);
	}
	answer(server, connection, response, now);
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
		if (connection.isDelayed) {
			connection.isDelayed = false;
			connection.deadline = now + progressTimeoutMs;
			deadline = Math.min(deadline, connection.deadline);
			pump(server, connection, now);
			continue;
		}
		server.dropped += 1;
		end(server, connection);
	}
	server.deadline = deadline;
}

/** Ends all connections, for the memory that they hold. Tells how many there were. */
export function endConnections(server: WebServer): number {
	const count = server.connections.length;
	for (const connection of server.connections.slice()) end(server, connection);
	return count;
}
