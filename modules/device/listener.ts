/** The listener port: TCP connections from the network. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { Admit, Closable, Stream, StreamEvents } from "../ports/ports.js";
import { doLater } from "./later.js";

/** Bytes that are read at a time. */
const chunk = 512;

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
	let socket: TCP | null = null;
	let room = 0;
	let closed = false;
	let events: StreamEvents | null = null;

	function accept(): Stream {
		socket = new TCP({
			from,
			nodelay: true,
			onReadable: count => guard(() => receive(count)),
			onWritable(count) {
				room = count;
				if (!closed) guard(() => events?.onWritable());
			},
			onError() {
				if (closed) return;
				close();
				guard(() => events?.onEnd());
			},
		});
		return { write, close };
	}

	function close(): void {
		if (closed) return;
		closed = true;
		if (socket === null) from.close();
		else doLater(guard, () => socket?.close());
	}

	function receive(count: number): void {
		for (let left = count; left > 0 && !closed; left -= chunk) {
			const size = Math.min(left, chunk);
			socket?.read(size < chunk ? bytes.subarray(0, size) : bytes);
			events?.onData(bytes, size);
		}
	}

	function write(source: Uint8Array, start: number, end: number): number {
		const size = Math.min(end - start, room);
		if (closed || size <= 0) return 0;
		try {
			room = socket?.write(source.subarray(start, start + size)) ?? 0;
			return size;
		} catch {
			// Its end is told by `onError`.
			room = 0;
			return 0;
		}
	}

	try {
		events = admit(accept);
	} finally {
		if (events === null) close();
	}
}
