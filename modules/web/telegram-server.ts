/** Telegrams in clear over TCP, to all who are connected. */
import type { Stream, StreamEvents } from "../ports/ports.js";

/**
 * Sends each telegram in clear to everyone who is connected. Nobody is waited for: who has not taken the last telegram when
 * the next one comes is dropped. All clients share the bytes, so that memory does not grow with their number.
 */
export interface TelegramServer {
	readonly clients: Client[];
	readonly mostClients: number;
	/** The last telegram, and when it came, monotonic milliseconds. */
	last: Uint8Array | null;
	lastTime: number;
	/** Since the boot. */
	admitted: number;
	/** Also those that made room for another one. */
	dropped: number;
}

/** In the order in which they came. */
interface Client {
	readonly stream: Stream;
	/** What is being sent, and how much of it is handed over. */
	bytes: Uint8Array | null;
	at: number;
}

/** An older telegram is not given to a new client, who would take it for news. */
const freshMs = 60_000;

export function createTelegramServer(mostClients: number): TelegramServer {
	return { clients: [], mostClients, last: null, lastTime: 0, admitted: 0, dropped: 0 };
}

/** A client connects: it gets the last telegram at once. What it sends is ignored. Where all places are taken, another one goes. */
export function admitClient(server: TelegramServer, accept: () => Stream, now: number): StreamEvents {
	if (server.clients.length >= server.mostClients) drop(server, findSilent(server));
	const client: Client = { stream: accept(), bytes: null, at: 0 };
	server.admitted += 1;
	server.clients.push(client);
	if (server.last !== null && now - server.lastTime < freshMs) send(client, server.last);
	return {
		onData() {},
		onWritable: () => pump(client),
		onEnd: () => forget(server, client),
	};
}

/** A telegram came; `bytes` must not change afterwards. */
export function broadcast(server: TelegramServer, bytes: Uint8Array, now: number): void {
	server.last = bytes;
	server.lastTime = now;
	for (let at = server.clients.length - 1; at >= 0; at -= 1) {
		const client = server.clients[at];
		if (client.bytes === null) send(client, bytes);
		else drop(server, at);
	}
}

/**
 * Who makes room: the oldest client that has not taken its telegram, or else the oldest. No client has to say anything, so that nothing
 * else tells one that is alive from one that only holds its place; who is wrongly sent away connects again, and gets the last telegram.
 */
function findSilent({ clients }: TelegramServer): number {
	const slow = clients.findIndex(({ bytes }) => bytes !== null);
	return slow >= 0 ? slow : 0;
}

function drop(server: TelegramServer, at: number): void {
	server.dropped += 1;
	const [client] = server.clients.splice(at, 1);
	client.stream.close();
}

export function closeTelegramServer(server: TelegramServer): void {
	for (const client of server.clients) client.stream.close();
	server.clients.length = 0;
}

function send(client: Client, bytes: Uint8Array): void {
	client.bytes = bytes;
	client.at = 0;
	pump(client);
}

function pump(client: Client): void {
	const { bytes, stream } = client;
	if (bytes === null) return;
	client.at += stream.write(bytes, client.at, bytes.length);
	if (client.at >= bytes.length) client.bytes = null;
}

function forget(server: TelegramServer, client: Client): void {
	const at = server.clients.indexOf(client);
	if (at >= 0) server.clients.splice(at, 1);
}
