/** UDP whose exceptions end here. */
import type { UdpOptions } from "embedded:io/socket/udp";
import UDP from "embedded:io/socket/udp";

/** UDP for the resolver and the announcer, which throw on a malformed packet; anybody in the network can send one. */
export class GuardedUDP extends UDP {
	private readonly reader: UdpOptions["onReadable"];

	constructor(options: UdpOptions) {
		super({ ...options, onReadable: GuardedUDP.prototype.hear });
		this.reader = options.onReadable;
	}

	/** The SDK calls it on the socket. */
	hear(count: number): void {
		try {
			this.reader?.(count);
		} catch {
			// The resolver asks again.
		}
	}

	/** Whoever made this socket for a group that cannot be joined forgets it, and would keep its port from the next. */
	override add(address: string): void {
		try {
			super.add?.(address);
		} catch (error) {
			this.close();
			throw error;
		}
	}
}
