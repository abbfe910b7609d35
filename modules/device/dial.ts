/** Calls to computers in the house. */

import TCP from "embedded:io/socket/tcp";
import Resolver from "embedded:network/dns/resolver/udp";
import type { Guard } from "../ports/guard.js";
import type { Stream, StreamEvents } from "../ports/ports.js";
import { GuardedUDP } from "./datagram.js";
import { doLater } from "./later.js";
import { callbacksOf, chunk, SocketStream } from "./stream.js";

export function dial(
	guard: Guard,
	host: string,
	port: number,
	nameServers: readonly string[],
	events: StreamEvents,
): Stream {
	const stream = new SocketStream(guard, new Uint8Array(chunk));
	stream.events = events;
	try {
		// It gives up by itself, after five seconds for each server; without one never, where it needs one.
		if (nameServers.length === 0 && !host.endsWith(".local") && !isAddress(host)) throw new Error("no server");
		const resolver = new Resolver({ servers: nameServers, socket: { io: GuardedUDP } });
		resolver.resolve({
			host,
			onResolved(_host, address) {
				if (stream.closed) return;
				try {
					stream.socket = new TCP({ address, port, ...callbacksOf(stream) });
				} catch {
					stream.end();
				}
			},
			onError: () => stream.end(),
		});
	} catch {
		// Not within this call.
		doLater(guard, () => stream.end());
	}
	return stream;
}

/** Four numbers, which nobody has to be asked about. */
function isAddress(host: string): boolean {
	return host.split(".").every(part => part !== "" && !Number.isNaN(Number(part)));
}
