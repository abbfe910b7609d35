/** The listener port on a computer: takes TCP connections. */
import { createServer, type Socket } from "node:net";
import type { Admit, Listener } from "../modules/ports/ports.js";

/** As much as a connection may hold that the other side has not taken. */
const bufferLength = 16_384;
const retryMs = 30_000;
/** Only programs with a permission of their own may have a port below 1024. */
const noPermission = "no permission; take one from 1024 on, or see Ports below 1024 in docs/integrations.md";

/** Takes TCP connections on one address, or on all. A port that is in use is tried again; `onTrouble` hears of it. */
export function openTcpListener(
	port: number,
	bind: string | null,
	admit: Admit,
	onTrouble: (text: string) => void,
): Listener {
	const sockets = new Set<Socket>();
	let timer: NodeJS.Timeout | null = null;
	const server = createServer(socket => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		take(socket, admit);
	});
	const listen = () => {
		timer = null;
		server.listen({ port, ...(bind !== null && { host: bind }) });
	};
	server.on("error", (error: NodeJS.ErrnoException) => {
		onTrouble(`port ${port}: ${error.code === "EACCES" ? noPermission : error.message}`);
		timer ??= setTimeout(listen, retryMs);
	});
	listen();
	return {
		whenOpen: onOpen => server.once("listening", onOpen),
		close() {
			if (timer !== null) clearTimeout(timer);
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}

function take(socket: Socket, admit: Admit): void {
	let closed = false;
	socket.setNoDelay(true);
	// Finds out about a client whose computer was switched off.
	socket.setKeepAlive(true, 30_000);
	const end = () => {
		if (closed) return;
		closed = true;
		socket.destroySoon();
		// Who does not take the rest is not waited for.
		setTimeout(() => socket.destroy(), 1_000).unref();
	};
	const events = admit(() => ({
		write(bytes, start, end) {
			const count = Math.min(end - start, Math.max(0, bufferLength - socket.writableLength));
			// A copy, because Node still reads what it was given when the bytes have changed.
			if (!closed && count > 0) socket.write(bytes.slice(start, start + count), () => later());
			return closed ? 0 : count;
		},
		close: end,
	}));
	if (events === null) {
		socket.destroy();
		return;
	}
	const later = () => {
		if (!closed) events.onWritable();
	};
	socket.on("data", bytes => {
		if (!closed) events.onData(bytes, bytes.length);
	});
	// The other side will send no more; what it asked for is still sent.
	socket.on("error", () => {});
	socket.on("close", () => {
		if (closed) return;
		closed = true;
		events.onEnd();
	});
}
