/** A TCP connection of the SDK's as the firmware's stream. */
import type TCP from "embedded:io/socket/tcp";
import type { Guard } from "../ports/guard.js";
import type { Stream, StreamEvents } from "../ports/ports.js";
import { doLater } from "./later.js";

/** Bytes that are read at a time. */
export const chunk = 512;

/** A stream whose socket and listener are told later. */
export interface SocketStream extends Stream {
	/** Null until it is made. */
	socket: TCP | null;
	events: StreamEvents | null;
	closed: boolean;
	/** For the socket. */
	readonly handlers: {
		nodelay: true;
		onReadable(count: number): void;
		onWritable(count: number): void;
		onError(): void;
	};
	/** It is over, and not because we closed it. */
	end(): void;
}

/** `bytes`: `chunk` bytes to read into. What came is dealt with before more is read, so that all streams may share them. */
export function createSocketStream(guard: Guard, bytes: Uint8Array): SocketStream {
	let room = 0;
	const stream: SocketStream = {
		get remote() {
			return stream.socket?.remoteAddress ?? "";
		},
		socket: null,
		events: null,
		closed: false,
		handlers: {
			nodelay: true,
			onReadable: count => guard(() => receive(count)),
			onWritable(count) {
				room = count;
				if (!stream.closed) guard(() => stream.events?.onWritable());
			},
			onError: () => stream.end(),
		},
		end() {
			if (stream.closed) return;
			stream.close();
			guard(() => stream.events?.onEnd());
		},
		close() {
			if (stream.closed) return;
			stream.closed = true;
			doLater(guard, () => stream.socket?.close());
		},
		write(source, start, end) {
			const size = Math.min(end - start, room);
			if (stream.closed || size <= 0) return 0;
			try {
				room = stream.socket?.write(source.subarray(start, start + size)) ?? 0;
				return size;
			} catch {
				// Its end is told by `onError`.
				room = 0;
				return 0;
			}
		},
	};

	function receive(count: number): void {
		for (let left = count; left > 0 && !stream.closed; left -= chunk) {
			const size = Math.min(left, chunk);
			stream.socket?.read(size < chunk ? bytes.subarray(0, size) : bytes);
			stream.events?.onData(bytes, size);
		}
	}

	return stream;
}
