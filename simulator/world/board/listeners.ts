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
	const entry: HostStream = { stream, queue: [], ending: false };
	host.streams.set(number, entry);
	tell("accepted", { port, room, remote: stream.remote });
	return {
		onData(bytes, count) {
			if (host.streams.has(number)) tell("incoming", {}, bytes.slice(0, count));
		},
		onWritable() {
			const before = entry.queue.length;
			flush(host, number, entry);
			if (before > 0 && entry.queue.length === 0 && host.streams.has(number)) tell("drained", { room });
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
	// It goes on when the other side says that there is room, which it does after each write.
	if (entry.queue.length === 1) flush(host, number, entry);
	if (entry.queue.length === 0)
		host.post(() => ({ kind: "drained", json: JSON.stringify({ stream: number, room }), bytes: noBytes, cost: 0 }));
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
