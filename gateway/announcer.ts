/** Makes the gateway's servers known in the network: DNS-SD over mDNS. */
import { networkInterfaces } from "node:os";
import multicast from "multicast-dns";
import type { Closable, Service } from "../modules/ports/ports.js";

/** Seconds for which an answer holds. */
const lifetime = 120;
const directory = "_services._dns-sd._udp.local";

/**
 * Answers who looks for a service with DNS-SD (RFC 6763) over mDNS, on all networks or on the one with the address `only`.
 * `onTrouble` hears when there is no network for that.
 */
export function announceService(service: Service, onTrouble: (text: string) => void, only?: string): Closable {
	const type = `${service.type}.local`;
	const instance = `${service.name}.${type}`;
	const host = `${service.name}.local`;
	const text = Object.entries(service.text).map(([name, value]) => `${name}=${value}`);
	const records = (ttl: number) => [
		{ name: type, type: "PTR" as const, ttl, data: instance },
		{
			name: instance,
			type: "SRV" as const,
			ttl,
			data: { priority: 0, weight: 0, port: service.port, target: host },
		},
		{ name: instance, type: "TXT" as const, ttl, data: text },
		...listAddresses().map(address => ({ name: host, type: "A" as const, ttl, data: address })),
	];
	const responder = multicast(only === undefined ? {} : { interface: only, bind: "0.0.0.0" });
	responder.on("error", (error: Error) => onTrouble(`mDNS: ${error.message}`));
	responder.on("warning", () => {});
	responder.on("query", query => {
		const asked = (query.questions ?? []).map(question => question.name.toLowerCase());
		if (asked.includes(directory)) {
			responder.respond([{ name: directory, type: "PTR", ttl: lifetime, data: type }]);
		}
		const names = [type, instance, host].map(name => name.toLowerCase());
		if (asked.some(name => names.includes(name))) responder.respond(records(lifetime));
	});
	responder.on("ready", () => responder.respond(records(lifetime)));
	return {
		close() {
			// Goodbye (RFC 6762, 10.1).
			responder.respond(records(0), () => responder.destroy());
		},
	};
}

function listAddresses(): string[] {
	const all = Object.values(networkInterfaces()).flatMap(list => list ?? []);
	return all.filter(entry => entry.family === "IPv4" && !entry.internal).map(entry => entry.address);
}
