/** UDP at a port of ours: what anybody sends, and answers to it. */
import UDP from "embedded:io/socket/udp";
import type { Guard } from "../ports/guard.js";
import type { Datagrams, OnDatagramFrom } from "../ports/ports.js";

class BoardDatagrams implements Datagrams {
	private readonly guard: Guard;
	private readonly onDatagram: OnDatagramFrom;
	private readonly socket: UDP;

	constructor(guard: Guard, port: number, onDatagram: OnDatagramFrom) {
		this.guard = guard;
		this.onDatagram = onDatagram;
		this.socket = new UDP({ port, target: this, onReadable });
	}

	hear(): void {
		const packet = this.socket.read();
		if (packet !== undefined) this.onDatagram(new Uint8Array(packet), packet.address, packet.port);
	}

	hearAll(count: number): void {
		for (let left = count; left > 0; left -= 1) this.guard(hear, this);
	}

	send(bytes: Uint8Array, address: string, port: number): void {
		try {
			this.socket.write(bytes, address, port);
		} catch {
			// There is no memory, or nobody there any more.
		}
	}

	close(): void {
		this.socket.close();
	}
}

/** For the SDK's socket, which calls it on itself. */
function onReadable(this: UDP & { readonly target?: BoardDatagrams }, count: number): void {
	this.target?.hearAll(count);
}

function hear(datagrams: BoardDatagrams): void {
	datagrams.hear();
}

export function openDatagrams(guard: Guard, port: number, onDatagram: OnDatagramFrom): Datagrams {
	return new BoardDatagrams(guard, port, onDatagram);
}
