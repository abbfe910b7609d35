/** A TLS server that misbehaves, for the check with the SDK: it answers a ClientHello with any bytes and notes what it was sent. */
import { createServer, type Socket } from "node:net";
export interface Impostor {
	/** Records that clients sent, by their type. */
	readonly types: number[];
	close(): Promise<void>;
}

export async function startImpostor(port: number, answer: (hello: Buffer) => Buffer): Promise<Impostor> {
	const sockets = new Set<Socket>();
	const types: number[] = [];
	const server = createServer(socket => {
		let received = Buffer.alloc(0);
		sockets.add(socket);
		socket.on("error", () => {});
		socket.on("data", bytes => {
			const first = received.length === 0;
			received = Buffer.concat([received, bytes]);
			if (first) socket.write(answer(bytes));
			for (let whole = recordLength(received); whole <= received.length; whole = recordLength(received)) {
				types.push(received[0]!);
				received = received.subarray(whole);
			}
		});
	});
	await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve));
	return {
		types,
		async close() {
			for (const socket of sockets) socket.destroy();
			await new Promise<void>(resolve => server.close(() => resolve()));
		},
	};
}

/** Infinity while its header is not there. */
function recordLength(bytes: Buffer): number {
	return bytes.length < 5 ? Infinity : 5 + bytes.readUInt16BE(3);
}
