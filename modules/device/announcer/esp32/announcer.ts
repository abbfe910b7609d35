import DNSSD from "embedded:network/dnssd";
import type { Guard } from "../../../ports/guard.js";
import type { Closable, Service } from "../../../ports/ports.js";

/** Multicast DNS for the services of this board, each under the host name that is its own. `GuardedUDP` is what it sends and hears with. */
export function createAnnouncer(guard: Guard, io: ConstructorParameters<typeof DNSSD>[0]["socket"]["io"]) {
	let responder: DNSSD | null = null;
	let open = 0;

	return (service: Service): Closable => {
		const dnssd = responder ?? new DNSSD({ socket: { io } });
		responder = dnssd;
		open += 1;
		const [type = "", protocol = ""] = service.type.split(".").map(part => part.slice(1));
		const host = service.name.toLowerCase();
		const record = {
			host,
			hostLower: host,
			instanceName: service.name,
			name: type,
			protocol,
			port: service.port,
			txt: Object.entries(service.text).map(([name, value]) => `${name}=${value}`),
		};
		let added = false;
		let closed = false;
		const add = () =>
			guard(() => {
				if (closed) return;
				added = true;
				dnssd.add(record);
			});
		if (dnssd.claims.some(claim => claim.host === host)) add();
		// Another has the name: then nothing is announced, which harms nobody.
		else dnssd.claim({ host, onReady: add, onError() {} });
		return {
			close() {
				if (closed) return;
				closed = true;
				guard(() => {
					if (added) dnssd.remove(record);
				});
				open -= 1;
				if (open > 0) return;
				responder = null;
				guard(() => dnssd.close());
			},
		};
	};
}
