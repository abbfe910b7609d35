/** The gateway is found by programs that look for services. */
import multicast from "multicast-dns";
import { expect, test } from "vitest";
import { announceService } from "../../gateway/announcer.js";
import { waitUntil } from "../support/wait.js";

const loopback = "127.0.0.1";
const text = { api_enabled: "1", path: "/api/v1" };
// Others on this computer may announce the same types.
const service = { name: `smarty-xs-${process.pid}`, type: "_hwenergy._tcp", port: 8080, text };
const type = "_hwenergy._tcp.local";
const instance = `${service.name}.${type}`;
const pointer = `PTR ${type} ${instance}`;

test("a service is announced, found by its type and directory, and said goodbye to", async () => {
	const client = multicast({ interface: loopback, bind: "0.0.0.0" });
	const heard = new Map<string, { ttl: number | undefined; data: unknown }>();
	client.on("response", response => {
		for (const answer of response.answers ?? []) {
			if (!("ttl" in answer)) continue;
			const { name, type: kind, ttl, data } = answer;
			heard.set(kind === "PTR" ? `PTR ${name} ${data}` : `${kind} ${name}`, { ttl, data });
		}
	});
	await new Promise<void>(resolve => client.on("ready", () => resolve()));
	const troubles: string[] = [];
	const announcement = announceService(service, trouble => troubles.push(trouble), loopback);
	await waitUntil("the announcement", () => heard.has(pointer));
	heard.clear();
	client.query(type, "PTR");
	await waitUntil("an answer", () => heard.has(`TXT ${instance}`));
	expect(heard.get(pointer)).toEqual({ ttl: 120, data: instance });
	expect(heard.get(`SRV ${instance}`)!.data).toMatchObject({ port: 8080, target: `${service.name}.local` });
	const pairs = heard.get(`TXT ${instance}`)!.data;
	expect((pairs as Buffer[]).map(String)).toEqual(["api_enabled=1", "path=/api/v1"]);
	client.query("_services._dns-sd._udp.local", "PTR");
	await waitUntil("the directory", () => heard.has(`PTR _services._dns-sd._udp.local ${type}`));
	announcement.close();
	await waitUntil("goodbye", () => heard.get(pointer)?.ttl === 0);
	client.destroy();
	expect(troubles).toEqual([]);
});
