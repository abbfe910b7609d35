/** The board's announcer over a stand-in with the interface of the SDK's DNS-SD module. */

import { expect, test } from "vitest";
import { loadAnnouncer } from "../../tools/sdk/announcer.js";

/** Calls are recorded; the claimed name becomes ours, or another's, when the test says so. */
const standIn = `
	const { calls } = globalThis.WORLD;
	const open = (kind, options) => {
		calls.push([kind, options]);
		return { close: () => calls.push(["close " + kind, options]) };
	};
	export default class {
		constructor({ socket }) {
			calls.push(["new"]);
			if (globalThis.WORLD.calls.isBroken) throw new Error("no socket");
		}
		claim(options) { return open("claim", options); }
		advertise(options) { return open("advertise", options); }
		close() { calls.push(["close"]); }
	}
`;

const http = { name: "smarty-xs-A1b2", type: "_http._tcp", port: 80, text: { path: "/state", empty: "" } };
const energy = { ...http, type: "_hwenergy._tcp", text: {} };

interface Claim {
	host: string;
	onReady(): void;
	onError(): void;
}

async function start() {
	const { announce, world, exceptions } = await loadAnnouncer(new Map(), { "embedded:network/dnssd": standIn });
	const list = (kind: string) => world.calls.filter(([name]) => name === kind).map(([, options]) => options);
	return { announce, world, exceptions, list, claims: () => list("claim") as Claim[] };
}

test("the name is claimed once, and each service announced when it is ours", async () => {
	const { announce, list, claims, exceptions } = await start();
	const first = announce(http);
	announce(energy);
	expect(claims().map(({ host }) => host)).toEqual(["smarty-xs-a1b2"]);
	expect(list("advertise")).toEqual([]);
	claims()[0]!.onReady();
	const txt = new Uint8Array(Buffer.from("\x0bpath=/state\x06empty=", "latin1"));
	expect(list("advertise")).toEqual([
		{ serviceType: "_http._tcp", name: "smarty-xs-A1b2", host: "smarty-xs-a1b2", port: 80, txt },
		{ serviceType: "_hwenergy._tcp", name: "smarty-xs-A1b2", host: "smarty-xs-a1b2", port: 80, txt: new Uint8Array(0) },
	]);
	first.close();
	first.close();
	expect(list("close advertise")).toHaveLength(1);
	// The name is ours already.
	announce(http);
	expect(claims()).toHaveLength(1);
	expect(list("advertise")).toHaveLength(3);
	expect(exceptions).toEqual([]);
});

test("a service that is closed before the name is ours is not announced; the last one takes the responder along", async () => {
	const { announce, list, claims } = await start();
	const [first, second] = [announce(http), announce(energy)];
	first.close();
	claims()[0]!.onReady();
	expect(list("advertise")).toHaveLength(1);
	second.close();
	expect(list("close")).toHaveLength(1);
	announce(http);
	expect(list("new")).toHaveLength(2);
	expect(claims()).toHaveLength(2);
});

test("a name that is another's is claimed again each minute, until nothing is to be announced", async () => {
	const { announce, world, list, claims } = await start();
	const service = announce(http);
	claims()[0]!.onError();
	world.pass(59_000);
	expect(claims()).toHaveLength(1);
	world.pass(1_000);
	expect(claims()).toHaveLength(2);
	expect(list("close claim")).toHaveLength(1);
	claims()[1]!.onReady();
	expect(list("advertise")).toHaveLength(1);
	service.close();
	announce(http).close();
	claims()[2]!.onError();
	world.pass(600_000);
	expect(claims()).toHaveLength(3);
});

test("without a socket it throws, and begins anew when it is asked again", async () => {
	const { announce, world, claims } = await start();
	Object.assign(world.calls, { isBroken: true });
	expect(() => announce(http)).toThrow("no socket");
	Object.assign(world.calls, { isBroken: false });
	announce(http);
	expect(claims()).toHaveLength(1);
});
