/** UDP at a port of ours: what anybody sends, and answers to it. */
import UDP from "embedded:io/socket/udp";
import type { Guard } from "../ports/guard.js";
import type { Datagrams, OnDatagramFrom } from "../ports/ports.js";

export function openDatagrams(guard: Guard, port: number, onDatagram: OnDatagramFrom): Datagrams {
	const socket = new UDP({
		port,
		onReadable(this: UDP, count: number) {
			for (let left = count; left > 0; left -= 1) {
				guard(() => {
					const packet = this.read();
					if (packet !== undefined) onDatagram(new Uint8Array(packet), packet.address, packet.port);
				});
			}
		},
	});
	return {
		send(bytes, address, to) {
			try {
				socket.write(bytes, address, to);
			} catch {
				// There is no memory, or nobody there any more.
			}
		},
		close: () => socket.close(),
	};
}
