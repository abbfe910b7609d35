/** A TCP connection for tests. */
import type { Admit, Stream, StreamEvents } from "../../modules/ports/ports.js";
import { textBytes } from "../support/vectors.js";

/** A client of a server under test: what it got, and how much more it takes. */
export interface FakeClient {
	readonly stream: Stream;
	events: StreamEvents | null;
	/** As text. */
	readonly received: string;
	/** Bytes that the connection takes before it is full. */
	room: number;
	closed: boolean;
}

export function connect(admit: Admit, room = Infinity): FakeClient {
	const pieces: Uint8Array[] = [];
	const client: FakeClient = {
		stream: {
			write(bytes, start, end) {
				if (client.closed) throw new Error("written to after close");
				const count = Math.min(client.room, end - start);
				if (count > 0) pieces.push(bytes.slice(start, start + count));
				client.room -= count;
				return count;
			},
			close() {
				client.closed = true;
			},
		},
		events: null,
		get received() {
			return Buffer.concat(pieces).toString();
		},
		room,
		closed: false,
	};
	client.events = admit(() => client.stream);
	if (client.events === null) client.closed = true;
	return client;
}

/** In pieces of `size` bytes. */
export function send(client: FakeClient, text: string, size = text.length): void {
	const bytes = textBytes(text);
	for (let at = 0; at < bytes.length; at += size) {
		const piece = bytes.slice(at, at + size);
		if (!client.closed) client.events?.onData(piece, piece.length);
	}
}

export function take(client: FakeClient, room: number): void {
	client.room += room;
	client.events?.onWritable();
}
