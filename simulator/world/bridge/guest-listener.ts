/** The firmware's listener port inside an engine: others connect through the bridge. */

import type { Admit, Listener, Stream, StreamEvents } from "../../../modules/ports/ports.js";
import type { Effect } from "./bridge.js";

/** What listens, and who is connected. */
export interface GuestServer {
	readonly listeners: { port: number; admit: Admit }[];
	readonly streams: GuestStream[];
	/** What the firmware did, and the bytes of it. */
	readonly effects: Effect[];
	readonly written: Uint8Array[];
}

interface GuestStream {
	readonly number: number;
	/** Bytes that the send buffer takes, and those of them that are in it until the other end has taken them. */
	readonly room: number;
	pending: number;
	events: StreamEvents | null;
}

export function createGuestServer(effects: Effect[], written: Uint8Array[]): GuestServer {
	return { listeners: [], streams: [], effects, written };
}

export function listen({ listeners, effects }: GuestServer, port: number, admit: Admit): Listener {
	const listener = { port, admit };
	listeners.push(listener);
	effects.push(["listen", port]);
	return {
		close() {
			listeners.splice(listeners.indexOf(listener), 1);
			effects.push(["unlisten", port]);
		},
	};
}

/** What the world tells of a stream: that somebody connected, what came, that there is so much more room again, or its end. */
export interface StreamNews {
	stream: number;
	port?: number;
	room?: number;
	remote?: string;
}

export function deliverToStream(server: GuestServer, kind: string, news: StreamNews, bytes: Uint8Array): void {
	if (kind === "accepted") {
		accept(server, news);
		return;
	}
	const stream = server.streams.find(({ number }) => number === news.stream);
	if (stream === undefined) return;
	if (kind === "incoming") {
		stream.events?.onData(bytes, bytes.length);
	} else if (kind === "drained") {
		stream.pending -= news.room!;
		stream.events?.onWritable();
	} else {
		forget(server, stream);
		stream.events?.onEnd();
	}
}

function accept(server: GuestServer, { stream: number, port, room, remote }: StreamNews): void {
	const listener = server.listeners.find(other => other.port === port);
	const stream: GuestStream = { number, room: room!, pending: 0, events: null };
	server.streams.push(stream);
	const end = () => {
		if (forget(server, stream)) server.effects.push(["finish", number]);
	};
	const ends: Stream = {
		...(remote !== undefined && { remote }),
		get pending() {
			return stream.pending;
		},
		write(bytes, start, until) {
			const count = server.streams.includes(stream) ? Math.min(until - start, stream.room - stream.pending) : 0;
			if (count <= 0) return 0;
			stream.pending += count;
			server.effects.push(["send", number, count]);
			server.written.push(bytes.slice(start, start + count));
			return count;
		},
		close: end,
	};
	stream.events = listener?.admit(() => ends) ?? null;
	if (stream.events === null) end();
}

/** False where it was gone already. */
function forget({ streams }: GuestServer, stream: GuestStream): boolean {
	const at = streams.indexOf(stream);
	if (at >= 0) streams.splice(at, 1);
	return at >= 0;
}
