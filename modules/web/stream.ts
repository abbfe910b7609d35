/**
 * One accepted TCP connection. `modules/device/` and `simulator/` make streams; servers are pure. No event is told within a call
 * of the stream.
 */
export interface Stream {
	/** Hands over as many bytes as there is room for, and tells how many those were. Never throws. */
	write(bytes: Uint8Array, start: number, end: number): number;
	/** Sends what was handed over and ends the connection. No event follows. May be called again. */
	close(): void;
}

/** What becomes of a stream. */
export interface StreamEvents {
	/** `bytes` from 0 to `count` came, valid during this call. */
	onData(bytes: Uint8Array, count: number): void;
	/** There is room again. */
	onWritable(): void;
	/** The connection is gone. */
	onEnd(): void;
}

/** Takes a new connection; null closes it at once. */
export type Admit = (stream: Stream) => StreamEvents | null;
