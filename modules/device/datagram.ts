/** UDP whose exceptions end here. */
import type { UdpOptions } from "embedded:io/socket/udp";
import UDP from "embedded:io/socket/udp";

/** UDP for the resolver, which throws on a malformed reply; anybody in the network can send one. */
export class GuardedUDP extends UDP {
	constructor(options: UdpOptions) {
		super({
			...options,
			onReadable(this: UDP, count: number) {
				try {
					options.onReadable?.call(this, count);
				} catch {
					// The resolver asks again.
				}
			},
		});
	}
}
