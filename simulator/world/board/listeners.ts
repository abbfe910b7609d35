/** The device's listeners in the world: who connects to them from outside, and the bytes both ways. */

import type { Stream, StreamEvents } from "../../../modules/ports/ports.js";
import type { HostStream, ListenerHost, OpenListener, Post, Request } from "./state.js";

const noBytes = new Uint8Array(0);

/** Microseconds that the device computes for what comes at a time: for a whole request 10 M instructions (docs/performance.md). */
const requestCost = 60_000;
/** lwIP's send buffer in the SDK's configuration for ESP32. */
const room = 8_192;

export function createListenerHost(open: OpenListener, post: (request: Post) => void): ListenerHost {
	return { open, post, listeners: new Map(), streams: new Map(), next: 1 };
}

export function openPort(host: ListenerHost, port: number): void {
	host.listeners.set(
		port,
		host.open(port, take => accept(host, port, take())),
	);
}

export function closePort({ listeners }: ListenerHost, port: number): void {
	listeners.get(port)?.close();
	listeners.delete(port);
}

/** The power goes: nobody hears anything more. */
export function closeListeners({ listeners, streams }: ListenerHost): void {
	for (const listener of listeners.values()) listener.close();
	for (const { stream } of streams.values()) stream.close();
	listeners.clear();
	streams.clear();
}

function accept(host: ListenerHost, port: number, stream: Stream): StreamEvents {
	const number = host.next;
	host.next += 1;
	const tell = (kind: Request["kind"], more: object, bytes: Uint8Array = noBytes) =>
		host.post(() => ({
			kind,
			json: JSON.stringify({ stream: number, ...more }),
			bytes,
			cost: bytes.length > 0 ? requestCost : 0,
		}));
	const entry: HostStream = { stream, queue: [], held: 0, ending: false };
	host.streams.set(number, entry);
	tell("accepted", { port, room, remote: stream.remote });
	return {
		onData(bytes, count) {
			if (host.streams.has(number)) tell("incoming", {}, bytes.slice(0, count));
		},
		onWritable() {
			flush(host, number, entry);
			const held = countHeld(entry);
			if (held < entry.held && host.streams.has(number)) tell("drained", { room: entry.held - held });
			entry.held = held;
		},
		onEnd() {
			if (host.streams.delete(number)) tell("gone", {});
		},
	};
}

export function sendToStream(host: ListenerHost, number: number, bytes: Uint8Array): void {
	const entry = host.streams.get(number);
	if (entry === undefined) return;
	entry.queue.push(bytes.slice());
	entry.held += bytes.length;
	// It goes on when the other side says that it has taken something, which it does after each write.
	if (entry.queue.length === 1) flush(host, number, entry);
}

/** What the send buffer holds until the other side has confirmed it. */
function countHeld({ stream, queue }: HostStream): number {
	return queue.reduce((sum, bytes) => sum + bytes.length, stream.pending ?? 0);
}

export function finishStream(host: ListenerHost, number: number): void {
	const entry = host.streams.get(number);
	if (entry === undefined) return;
	entry.ending = true;
	flush(host, number, entry);
}

function flush({ streams }: ListenerHost, number: number, { stream, queue, ending }: HostStream): void {
	while (queue.length > 0) {
		const bytes = queue[0]!;
		const count = stream.write(bytes, 0, bytes.length);
		if (count < bytes.length) {
			queue[0] = bytes.subarray(count);
			return;
		}
		queue.shift();
	}
	if (!ending) return;
	streams.delete(number);
	stream.close();
}
