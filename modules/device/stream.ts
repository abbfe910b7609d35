/** A TCP connection of the SDK's as the firmware's stream. */
import type TCP from "embedded:io/socket/tcp";
import type { Callbacks, Target } from "embedded:io/socket/tcp";
import type { Guard } from "../ports/guard.js";
import type { Stream, StreamEvents } from "../ports/ports.js";
import { doLater } from "./later.js";

/** Bytes that are read at a time. */
export const chunk = 512;

/** A stream whose socket and listener are told later. A class, because methods lie in flash, while closures would take 1 KB for each stream. */
export class SocketStream implements Stream {
	/** Null until it is made. */
	socket: TCP | null = null;
	events: StreamEvents | null = null;
	closed = false;
	readonly guard: Guard;
	readonly bytes: Uint8Array;
	/** Bytes that the send buffer takes now, and those that it takes when it is empty. */
	room = 0;
	size = 0;

	/** `bytes`: `chunk` bytes to read into. What came is dealt with before more is read, so that all streams may share them. */
	constructor(guard: Guard, bytes: Uint8Array) {
		this.guard = guard;
		this.bytes = bytes;
	}

	get remote(): string {
		return this.socket?.remoteAddress ?? "";
	}

	get pending(): number {
		return this.size - this.room;
	}

	write(source: Uint8Array, start: number, end: number): number {
		const size = Math.min(end - start, this.room);
		if (this.closed || size <= 0) return 0;
		try {
			this.room = this.socket?.write(source.subarray(start, start + size)) ?? 0;
			return size;
		} catch {
			// Its end is told by `onError`.
			this.room = 0;
			return 0;
		}
	}

	close(): void {
		if (this.closed) return;
		this.closed = true;
		doLater(this.guard, () => this.socket?.close());
	}

	/** It is over, and not because we closed it. */
	end(): void {
		if (this.closed) return;
		this.close();
		this.guard(() => this.events?.onEnd());
	}
}

/** What the stream's socket is made with, besides where it comes from. */
export function callbacksOf(stream: SocketStream): Callbacks {
	return { target: stream, nodelay: true, onReadable, onWritable, onError };
}

/** The SDK calls them with the socket as `this`, which has the `target` that it was made with. */
function onReadable(this: Target, count: number): void {
	const stream = this.target as SocketStream;
	stream.guard(() => {
		const { bytes } = stream;
		for (let left = count; left > 0 && !stream.closed; left -= chunk) {
			const size = Math.min(left, chunk);
			stream.socket?.read(size < chunk ? bytes.subarray(0, size) : bytes);
			stream.events?.onData(bytes, size);
		}
	});
}

/** The first time the send buffer is empty. */
function onWritable(this: Target, count: number): void {
	const stream = this.target as SocketStream;
	stream.room = count;
	stream.size = Math.max(stream.size, count);
	if (!stream.closed) stream.guard(() => stream.events?.onWritable());
}

function onError(this: Target): void {
	(this.target as SocketStream).end();
}
