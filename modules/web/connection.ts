/** One client of the HTTP server: what is sent to it, how long it may take, and its end. */

import type { Stream } from "../ports/ports.js";
import { advance, createAnswer, type Encode, type Outgoing } from "./outgoing.js";
import type { Request } from "./request.js";
import type { Decode, RequestParser } from "./request-parser.js";
import { type BodySink, plain, type Response } from "./response.js";

/** The server's record; see `server.ts`. */
export interface WebServer {
	readonly connections: Connection[];
	readonly mostConnections: number;
	/** An answer, or who takes the body first. */
	readonly respond: (request: Request, now: number) => Response | BodySink;
	readonly encode: Encode;
	readonly decode: Decode;
	/** When `expireConnections` must be called at the latest, monotonic milliseconds. */
	deadline: number;
	/** Since the boot. */
	answered: number;
	refused: number;
	dropped: number;
}

/** One client, as far as its answer is concerned. */
export interface Connection {
	readonly stream: Stream;
	/** Null once the header was read. */
	parser: RequestParser | null;
	/** How the answer is to be: the header alone, and as HTTP/1.0 knows it. */
	isHead: boolean;
	isOld: boolean;
	/** Takes the body; null where nobody does, and after its end. */
	sink: BodySink | null;
	/** Bytes of the body that have not come yet. */
	bodyLeft: number;
	/** What goes out; null before and after. */
	outgoing: Outgoing | null;
	isAnswered: boolean;
	/** The answer is to go out at the deadline and not before. */
	isDelayed: boolean;
	/** Bytes that came or went since the deadline was set. */
	moved: number;
	deadline: number;
}

/** For the header to come whole, and then for each kilobyte of a body that comes and of an answer that is taken. */
export const progressTimeoutMs = 10_000;
const progressLength = 1_024;
/** Bytes of a full segment of the board's TCP, of which its memory holds a copy until the client confirms it. */
const segmentLength = 1_436;
/**
 * After the answer, for a client that is still sending a body. A connection that is closed before it was read is reset, and the
 * client may lose the answer (RFC 9112, 9.6).
 */
const lingerMs = 2_000;

/** Begins the answer. What is still to be handed over of `100 Continue` goes before it. */
export function answer(server: WebServer, connection: Connection, response: Response, now: number): void {
	const { isHead, isOld, outgoing: before } = connection;
	try {
		connection.outgoing = createAnswer(before, response, isHead, isOld, server.encode);
	} catch {
		connection.outgoing = createAnswer(before, plain(500), isHead, isOld, server.encode);
	}
	connection.isAnswered = true;
	server.answered += 1;
	connection.isDelayed = response.delay !== undefined;
	if (response.delay !== undefined) setDeadline(server, connection, now + response.delay);
	else pump(server, connection, now);
}

/** Hands over what there is room for. */
export function pump(server: WebServer, connection: Connection, now: number): void {
	const { outgoing, stream } = connection;
	if (outgoing === null || connection.isDelayed) return;
	let room = findRoom(server, connection);
	do {
		const { bytes, at } = outgoing;
		const written = stream.write(bytes, at, Math.min(bytes.length, at + room));
		outgoing.at = at + written;
		room -= written;
		move(server, connection, written, now);
		if (at + written < bytes.length) return;
	} while (prepareNext(server, connection, outgoing));
	connection.outgoing = null;
	if (!connection.isAnswered) return;
	if (connection.bodyLeft === 0) end(server, connection);
	else setDeadline(server, connection, now + lingerMs);
}

/**
 * How many bytes of an answer may be handed over now. Two segments may be on their way, because clients confirm every second one at once
 * and a single one after up to 200 ms; while others have bytes on their way, too, it is one. One is always allowed, so that no
 * client waits for another: its own confirmation wakes it.
 */
function findRoom({ connections }: WebServer, { stream }: Connection): number {
	const { pending } = stream;
	if (pending === undefined) return Infinity;
	let most = 2 * segmentLength;
	for (let at = 0; at < connections.length; at += 1) {
		const other = connections[at].stream;
		if (other !== stream && other.pending !== 0) most = segmentLength;
	}
	return Math.max(0, most - pending);
}

/** False when all is handed over. A body that cannot be made to its end is cut off, so that the client sees it. */
function prepareNext(server: WebServer, connection: Connection, outgoing: Outgoing): boolean {
	try {
		return advance(outgoing, server.encode);
	} catch {
		server.dropped += 1;
		connection.bodyLeft = 0;
		return false;
	}
}

/** Bytes came or went: each kilobyte of them has its own time. */
export function move(server: WebServer, connection: Connection, count: number, now: number): void {
	connection.moved += count;
	if (connection.moved < progressLength) return;
	connection.moved = 0;
	setDeadline(server, connection, now + progressTimeoutMs);
}

export function setDeadline(server: WebServer, connection: Connection, deadline: number): void {
	connection.deadline = deadline;
	server.deadline = Math.min(server.deadline, deadline);
}

/** Ends a connection. */
export function end(server: WebServer, connection: Connection): void {
	forget(server, connection);
	connection.outgoing = null;
	connection.stream.close();
}

/** A connection is gone. */
export function forget(server: WebServer, connection: Connection): void {
	const at = server.connections.indexOf(connection);
	if (at >= 0) server.connections.splice(at, 1);
	connection.outgoing = null;
	abort(connection);
}

/** Nothing more comes for the sink. */
export function abort(connection: Connection): void {
	const { sink } = connection;
	connection.sink = null;
	try {
		sink?.onAbort();
	} catch {
		// It was told; there is nobody else to tell.
	}
}
