/** The TCP connections between device and broker, with their faults. */

import type { Connection, ConnectionEvents, ConnectionOptions, OpenConnection } from "../../../gateway/connection.js";
import type { MqttError } from "../../../modules/ports/mqtt.js";
import { drawBetween } from "../../chance.js";
import { type Plan, plan, second, type WorldClock } from "../clock.js";
import { drawLatency, isPathWhole, type Radio } from "./network.js";

/** The broker's end of a connection. */
export interface Remote {
	/** Bytes came; `sentAt` is when the device wrote them. True when the broker takes bytes at all. */
	onData(bytes: Uint8Array, sentAt: number): void;
	/** The device closed, or its end is dead and the broker's system found out. */
	onEnd(): void;
	/** Bytes that the broker's system holds because the broker does not read: over the window no more are taken. */
	held(): number;
}

/** What listens on the broker's port; null refuses, as a system does whose program does not run. */
export type Listen = (socket: Socket) => Remote | null;

/** A TCP connection between the device and the broker. */
export interface Socket {
	readonly clock: WorldClock;
	readonly radio: Radio;
	readonly events: ConnectionEvents;
	remote: Remote | null;
	/** The address generation it was made with. */
	readonly generation: number;
	/** What the device wrote and the broker's system has not taken, oldest first. */
	readonly outgoing: { bytes: Uint8Array; sentAt: number; onWritten: () => void }[];
	readonly incoming: Uint8Array[];
	/** Until when the last piece of each direction is under way. */
	outgoingBusy: boolean;
	incomingBusy: boolean;
	/** Since when nothing has gone through although there was something, or -1. */
	stuckSince: number;
	/** The device's end is closed or dead. */
	closed: boolean;
	/** The broker's end is closed. */
	remoteClosed: boolean;
	/** Half-open: everything is swallowed, and nobody says so. */
	swallowing: boolean;
}

export interface Internet {
	readonly clock: WorldClock;
	readonly radio: Radio;
	listen: Listen;
	/** The broker's machine answers at all. */
	hostUp: boolean;
	readonly sockets: Socket[];
}

/** What the device opens connections with: the world's own network, or the computer's. */
export interface Sockets {
	readonly open: OpenConnection;
	/** The device lost its power: what it has open ends without a word of its own. */
	abandon(): void;
}

const window = 16_384;
const sendTimeout = 60 * second;
const retry = 0.25 * second;

export function createInternet(clock: WorldClock, radio: Radio, listen: Listen): Internet {
	return { clock, radio, listen, hostUp: true, sockets: [] };
}

export function createSockets(internet: Internet): Sockets {
	return { open: openSocket.bind(null, internet), abandon: () => abandonSockets(internet) };
}

/** Resolves the name, then connects; as `gateway/connection.ts` does it in the real world. */
export function openSocket(internet: Internet, _options: ConnectionOptions, events: ConnectionEvents): Connection {
	const { clock, radio } = internet;
	const socket: Socket = {
		clock,
		radio,
		events,
		remote: null,
		generation: radio.accessPoint.generation,
		outgoing: [],
		incoming: [],
		outgoingBusy: false,
		incomingBusy: false,
		stuckSince: -1,
		closed: false,
		remoteClosed: false,
		swallowing: false,
	};
	resolveName(internet, socket, 5);
	return {
		write(bytes, onWritten) {
			if (socket.closed) return;
			// A copy, as the system's buffer is one.
			socket.outgoing.push({ bytes: bytes.slice(), sentAt: clock.now, onWritten });
			moveOut(socket);
		},
		close: () => closeSocket(internet, socket),
	};
}

/** One question a second, `tries` times. */
function resolveName(internet: Internet, socket: Socket, tries: number): void {
	const { clock, radio } = internet;
	const { chance, accessPoint } = radio;
	const answered = accessPoint.names && isPathToRouter(radio);
	plan(clock, answered ? drawBetween(chance, 2_000, 60_000) : second, () => {
		if (socket.closed) return;
		if (answered) {
			socket.events.onResolved();
			if (!socket.closed) connect(internet, socket);
		} else if (tries > 1) {
			resolveName(internet, socket, tries - 1);
		} else {
			fail(internet, socket, { kind: "name", message: "no such host" });
		}
	});
}

function isPathToRouter(radio: Radio): boolean {
	return radio.state === "ready" && radio.accessPoint.up;
}

function connect(internet: Internet, socket: Socket): void {
	const { clock, radio } = internet;
	plan(clock, 2 * drawLatency(radio.chance), () => {
		if (socket.closed) return;
		if (!isPathWhole(radio) || !internet.hostUp) {
			// SYN is repeated; the client's own patience decides.
			plan(clock, second, () => {
				if (!socket.closed) connect(internet, socket);
			});
			return;
		}
		const remote = internet.listen(socket);
		if (remote === null) {
			fail(internet, socket, { kind: "connect", message: "connection refused" });
			return;
		}
		socket.remote = remote;
		internet.sockets.push(socket);
		socket.events.onOpen();
	});
}

function canPass(socket: Socket): boolean {
	return isPathWhole(socket.radio) && !socket.swallowing && socket.generation === socket.radio.accessPoint.generation;
}

/** Sends the oldest piece, and tries again later where the path is broken, or the broker's window is full. */
function moveOut(socket: Socket): void {
	const { clock, radio, remote } = socket;
	if (socket.outgoingBusy || socket.closed || remote === null || socket.outgoing.length === 0) return;
	socket.outgoingBusy = true;
	const passes = canPass(socket) && (socket.remoteClosed || remote.held() < window);
	if (!passes && socket.stuckSince < 0) socket.stuckSince = clock.now;
	plan(clock, passes ? drawLatency(radio.chance) : retry, () => {
		socket.outgoingBusy = false;
		if (socket.closed) return;
		if (!passes || !canPass(socket)) {
			giveUpOrRetry(socket);
			return;
		}
		socket.stuckSince = -1;
		if (socket.remoteClosed) {
			// The broker's system answers bytes for a closed connection with RST.
			endDevice(socket, { kind: "lost", message: "connection reset" });
			return;
		}
		const { bytes, sentAt, onWritten } = socket.outgoing.shift()!;
		remote.onData(bytes, sentAt);
		plan(clock, drawLatency(radio.chance), () => {
			if (!socket.closed) onWritten();
		});
		moveOut(socket);
	});
}

function giveUpOrRetry(socket: Socket): void {
	if (socket.stuckSince < 0) socket.stuckSince = socket.clock.now;
	const waited = socket.clock.now - socket.stuckSince;
	if (waited >= sendTimeout && !socket.swallowing && isPathWhole(socket.radio)) {
		endDevice(socket, { kind: "lost", message: "connection timed out" });
		return;
	}
	moveOut(socket);
}

/** The broker sends. */
export function sendToDevice(socket: Socket, bytes: Uint8Array): void {
	if (socket.remoteClosed) return;
	socket.incoming.push(bytes);
	moveIn(socket);
}

function moveIn(socket: Socket): void {
	const { clock, radio } = socket;
	if (socket.incomingBusy || socket.closed || socket.incoming.length === 0) return;
	socket.incomingBusy = true;
	plan(clock, canPass(socket) ? drawLatency(radio.chance) : retry, () => {
		socket.incomingBusy = false;
		if (socket.closed) return;
		// A reset may have thrown away what was under way.
		const bytes = canPass(socket) ? socket.incoming.shift() : undefined;
		if (bytes !== undefined) socket.events.onData(bytes);
		moveIn(socket);
	});
}

/** The broker closes: the device hears of it, where the path is whole, after what was sent before. */
export function closeRemote(socket: Socket, reset: boolean): void {
	if (socket.remoteClosed) return;
	socket.remoteClosed = true;
	if (reset) socket.incoming.length = 0;
	const tell = () => {
		if (socket.closed) return;
		if (!canPass(socket) || (socket.incoming.length > 0 && !reset)) {
			plan(socket.clock, retry, tell);
			return;
		}
		endDevice(socket, { kind: "lost", message: reset ? "connection reset" : "the broker closed the connection" });
	};
	plan(socket.clock, drawLatency(socket.radio.chance), tell);
}

function endDevice(socket: Socket, error: MqttError): void {
	if (socket.closed) return;
	socket.closed = true;
	socket.events.onEnd(error);
}

function fail(internet: Internet, socket: Socket, error: MqttError): void {
	forget(internet, socket);
	endDevice(socket, error);
}

/** The device closes: what it wrote is still sent, and the broker hears of the end, where the path is whole. */
function closeSocket(internet: Internet, socket: Socket): void {
	if (socket.closed) return;
	socket.closed = true;
	finishRemote(internet, socket);
}

function finishRemote(internet: Internet, socket: Socket): Plan | null {
	const { remote, clock, radio } = socket;
	forget(internet, socket);
	if (remote === null || !canPass(socket)) return null;
	return plan(clock, drawLatency(radio.chance), () => {
		if (socket.remoteClosed) return;
		for (const { bytes, sentAt } of socket.outgoing.splice(0)) remote.onData(bytes, sentAt);
		if (!socket.remoteClosed) remote.onEnd();
	});
}

function forget(internet: Internet, socket: Socket): void {
	const at = internet.sockets.indexOf(socket);
	if (at >= 0) internet.sockets.splice(at, 1);
}

/** The device lost its power: nobody tells the broker. */
function abandonSockets(internet: Internet): void {
	for (const socket of internet.sockets.splice(0)) socket.closed = true;
}
