/** The MQTT broker that `npm start` brings along (aedes). */

import { createServer, type Socket } from "node:net";
import { Aedes } from "aedes";
import type { BrokerAddress } from "./arguments.js";

export interface EmbeddedBroker {
	address: BrokerAddress;
	close(): Promise<void>;
}

/** An MQTT broker on a free port of the loopback interface: only programs of this computer reach it. */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
	const aedes = await Aedes.createBroker();
	const sockets = new Set<Socket>();
	const server = createServer(socket => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => {});
		aedes.handle(socket);
	});
	const host = "127.0.0.1";
	await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("the broker has no port");
	return {
		address: { host, port: address.port, secure: false },
		async close() {
			await new Promise<void>(resolve => aedes.close(() => resolve()));
			for (const socket of sockets) socket.destroy();
			await new Promise<void>(resolve => server.close(() => resolve()));
		},
	};
}
