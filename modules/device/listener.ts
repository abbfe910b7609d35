/** The listener port: TCP connections from the network. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { handover } from "device/handover";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { Admit, Closable, StreamEvents } from "../ports/ports.js";
import { callbacksOf, chunk, SocketStream } from "./stream.js";

/** How long a connection waits that could not be accepted for want of memory. */
const againMs = 1_000;

/** Connections of others, at a port of ours. What comes on one of them is dealt with before the next is read, so that all share the room. */
export function openListener(guard: Guard, port: number, admit: Admit): Closable {
	const bytes = new Uint8Array(chunk);
	let closed = false;
	const accept = () =>
		guard(() => {
			if (closed) return;
			let socket: TCP | undefined;
			try {
				socket = listener.read();
			} catch {
				// No memory for a socket, which ESP-IDF has counted: the connection waits in the listener.
				Timer.set(accept, againMs);
			}
			if (socket !== undefined) acceptStream(guard, socket, bytes, admit);
		});
	const listener = new Listener({
		port,
		onReadable(this: Listener, count: number) {
			for (let left = count; left > 0; left--) accept();
		},
	});
	return {
		close() {
			closed = true;
			listener.close();
		},
	};
}

/** Nothing but `from` is there yet, without which the connection could not be closed: the rest is made once there is room for it. */
function acceptStream(guard: Guard, from: TCP, bytes: Uint8Array, admit: Admit): void {
	let stream: SocketStream | null = null;
	let events: StreamEvents | null = null;
	try {
		events = admit(() => {
			stream = new SocketStream(guard, bytes);
			handover.hold(from);
			stream.socket = new TCP({ from, ...callbacksOf(stream) });
			return stream;
		});
		if (stream !== null) (stream as SocketStream).events = events;
	} finally {
		if (events === null) {
			const made = stream as SocketStream | null;
			if (made === null || made.socket === null) from.close();
			else made.close();
		}
	}
}
