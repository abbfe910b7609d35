/** The way to a broker: TCP or TLS on the computer's network. */
import { lookup } from "node:dns";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { MqttError } from "../modules/ports/mqtt.js";

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
	onOpen(): void;
	onData(bytes: Uint8Array): void;
	onEnd(error: MqttError): void;
}

export interface ConnectionOptions {
	host: string;
	port: number;
	secure: boolean;
}

export type OpenConnection = (options: ConnectionOptions, events: ConnectionEvents) => Connection;

/** TCP, or TLS with the certificates that Node trusts (`NODE_EXTRA_CA_CERTS` adds more). Names are resolved by the system. */
export function openConnection(options: ConnectionOptions, events: ConnectionEvents): Connection {
	let socket: Socket | null = null;
	let open = false;
	let ended = false;
	const end = (error: MqttError) => {
		if (ended) return;
		ended = true;
		socket?.destroy();
		events.onEnd(error);
	};
	lookup(options.host, { family: 4 }, (error, address) => {
		if (ended) return;
		if (error) {
			end({ kind: "name", message: `${options.host}: no such host (${error.code})` });
			return;
		}
		events.onResolved();
		if (ended) return;
		const { host, port } = options;
		const secured = { host: address, port, servername: /^[\d.]+$/.test(host) ? "" : host };
		socket = options.secure ? connectTls(secured) : connectTcp({ host: address, port });
		socket.setNoDelay(true);
		socket.on(options.secure ? "secureConnect" : "connect", () => {
			open = true;
			events.onOpen();
		});
		socket.on("data", bytes => events.onData(bytes));
		socket.on("error", (error: NodeJS.ErrnoException) => {
			const kind = open ? "lost" : isCertificateError(error) ? "certificate" : "connect";
			end({ kind, message: `${host}:${port}: ${error.message || error.code || "no connection"}` });
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

function isCertificateError(error: NodeJS.ErrnoException): boolean {
	return /CERT|SIGNATURE|ISSUER|ALTNAME/.test(error.code ?? "");
}
