/** One question by UDP, and what comes back. */
import Resolver from "embedded:network/dns/resolver/udp";
import type { Guard } from "../ports/guard.js";
import type { Closable, DatagramQuestion, OnDatagram } from "../ports/ports.js";
import { GuardedUDP } from "./datagram.js";
import { doLater } from "./later.js";
import { serversFor } from "./names.js";

/** Only what comes from the address and the port that were asked is handed over. Throws where the host has a name and nobody knows names. */
export function askByDatagram(guard: Guard, question: DatagramQuestion, onAnswer: OnDatagram): Closable {
	const { host, port, bytes } = question;
	let socket: GuardedUDP | null = null;
	let over = false;

	function ask(address: string): void {
		if (over) return;
		socket = new GuardedUDP({
			onReadable(count) {
				for (let rest = count; rest > 0; rest -= 1) {
					const came = this.read();
					if (over || came === undefined || came.address !== address || came.port !== port) continue;
					const answer = new Uint8Array(came);
					guard(() => onAnswer(answer, answer.length));
				}
			},
		});
		socket.write(bytes, address, port);
	}

	const resolver = new Resolver({ servers: serversFor(host, question.nameServers), socket: { io: GuardedUDP } });
	resolver.resolve({ host, onResolved: (_, address) => void guard(() => ask(address)), onError() {} });
	return {
		close() {
			if (over) return;
			over = true;
			const open = socket;
			// It may be in the middle of its event.
			if (open !== null) doLater(guard, () => open.close());
		},
	};
}
