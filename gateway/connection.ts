/** The way to a broker: TCP or TLS on the computer's network. */
import { lookup } from "node:dns";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { MqttError } from "../modules/ports/mqtt.js";
import type { Trust, TrustedBroker } from "../modules/ports/tls.js";
import { type Check, checkBroker, describeTls, prepareCheck } from "./trust.js";

/** A stream of bytes to a broker and back, as the MQTT client needs it: TCP here, something worse in a simulated network. */
export interface Connection {
	/** `onWritten` tells that the bytes have left the send buffer. It is never called within this call. */
	write(bytes: Uint8Array, onWritten: () => void): void;
	/** Sends what was written and ends the connection. No event follows. */
	close(): void;
}

/** None of them is called within `open`. Nothing follows `onEnd`. */
export interface ConnectionEvents {
	onResolved(): void;
	/** TLS trusts the broker; `onOpen` follows. */
	onSecured?(broker: TrustedBroker): void;
	onOpen(): void;
	onData(bytes: Uint8Array): void;
	onEnd(error: MqttError): void;
}

export interface ConnectionOptions {
	host: string;
	port: number;
	secure: boolean;
	trust?: Trust;
}

export type OpenConnection = (options: ConnectionOptions, events: ConnectionEvents) => Connection;

/** TCP, or TLS with the owner's key or authorities, else those of Node. Names are resolved by the system. */
export function openConnection(options: ConnectionOptions, events: ConnectionEvents): Connection {
	const { host, port } = options;
	let socket: Socket | null = null;
	let open = false;
	let ended = false;
	const end = (error: MqttError) => {
		if (ended) return;
		ended = true;
		socket?.destroy();
		events.onEnd(error);
	};
	const start = () => {
		open = true;
		events.onOpen();
	};
	lookup(host, { family: 4 }, (error, address) => {
		if (ended) return;
		if (error) {
			end({ kind: "name", message: `${host}: no such host (${error.code})` });
			return;
		}
		events.onResolved();
		if (ended) return;
		try {
			socket = options.secure
				? openTls(options, address, events, start, end)
				: connectTcp({ host: address, port }, start);
		} catch (error) {
			end({ kind: "certificate", message: error instanceof Error ? error.message : String(error) });
			return;
		}
		socket.setNoDelay(true);
		socket.on("data", bytes => {
			if (open) events.onData(bytes);
		});
		socket.on("error", (error: NodeJS.ErrnoException) => {
			const message = `${host}:${port}: ${error.message || error.code || "no connection"}`;
			end({ kind: open ? "lost" : "connect", message });
		});
		socket.on("close", () =>
			end({ kind: open ? "lost" : "connect", message: `${host}:${port} closed the connection` }),
		);
	});
	return {
		write(bytes, onWritten) {
			socket?.write(bytes, error => {
				if (!error && !ended) onWritten();
			});
		},
		close() {
			ended = true;
			if (socket === null) return;
			socket.destroySoon();
			// A peer that takes nothing more must not keep the program alive.
			setTimeout(() => socket?.destroy(), 1000).unref();
		},
	};
}

/** Nothing is sent before `onTrusted`. Throws when the owner's authorities are of no use. */
function openTls(
	{ host, port, trust }: ConnectionOptions,
	address: string,
	events: ConnectionEvents,
	onTrusted: () => void,
	end: (error: MqttError) => void,
): Socket {
	const check: Check | string = prepareCheck(trust);
	if (typeof check === "string") throw new Error(check);
	const servername = /^[\d.]+$/.test(host) ? "" : host;
	const socket = connectTls({ ...describeTls(check), host: address, port, servername }, () => {
		const broker = checkBroker(socket, check);
		if ("kind" in broker) {
			end({ ...broker, message: `${host}:${port}: ${broker.message}` });
			return;
		}
		events.onSecured?.(broker);
		onTrusted();
	});
	return socket;
}
