/** One question by UDP, and what comes back. */
import Resolver from "embedded:network/dns/resolver/udp";
import type { Guard } from "../ports/guard.js";
import type { Closable, DatagramQuestion, OnDatagram } from "../ports/ports.js";
import { GuardedUDP } from "./datagram.js";
import { doLater } from "./later.js";
import { serversFor } from "./names.js";

/** Only what comes from the address and the port that were asked is handed over. Throws where the host has a name and nobody knows names. */
export function askByDatagram(guard: Guard, question: DatagramQuestion, onAnswer: OnDatagram): Closable {
	const { host } = question;
	const asking = new Asking(guard, question, onAnswer);
	const resolver = new Resolver({ servers: serversFor(host, question.nameServers), socket: { io: GuardedUDP } });
	resolver.resolve({ host, onResolved: (_, address) => void guard(() => asking.ask(address)), onError() {} });
	return asking;
}

class Asking implements Closable {
	private readonly guard: Guard;
	private readonly question: DatagramQuestion;
	private readonly onAnswer: OnDatagram;
	private socket: AskingSocket | null = null;
	private address = "";
	private over = false;

	constructor(guard: Guard, question: DatagramQuestion, onAnswer: OnDatagram) {
		this.guard = guard;
		this.question = question;
		this.onAnswer = onAnswer;
	}

	ask(address: string): void {
		if (this.over) return;
		const { bytes, port } = this.question;
		this.address = address;
		this.socket = new AskingSocket(this);
		this.socket.write(bytes, address, port);
	}

	/** `count` datagrams came. */
	hear(count: number): void {
		for (let rest = count; rest > 0; rest -= 1) {
			const came = this.socket?.read();
			if (this.over || came === undefined) continue;
			if (came.address !== this.address || came.port !== this.question.port) continue;
			const answer = new Uint8Array(came);
			this.guard(() => this.onAnswer(answer, answer.length));
		}
	}

	close(): void {
		if (this.over) return;
		this.over = true;
		const { socket } = this;
		// It may be in the middle of its event.
		if (socket !== null) doLater(this.guard, () => socket.close());
	}
}

class AskingSocket extends GuardedUDP {
	private readonly asking: Asking;

	constructor(asking: Asking) {
		super({ onReadable: AskingSocket.prototype.tell });
		this.asking = asking;
	}

	tell(count: number): void {
		this.asking.hear(count);
	}
}
