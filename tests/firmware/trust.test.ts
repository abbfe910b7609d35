/** A board that is told on its console whom to trust, from a broker that nobody knows to a session. */
import { beforeEach, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { toPem } from "../../tools/tls/certificates.js";
import { createChance } from "../support/chance.js";
import { fakeKey } from "../support/fake-broker.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { root } from "../tls/chains.js";

const config = { wifi: "home", wifiPassword: "12345678", broker: "mqtts://broker" };
let store: FakeStore;
let world: FakeWorld;
let firmware: Firmware;

function boot(): void {
	world = createFakeWorld(createChance(1), store);
	firmware = createFirmware(config, world.ports);
	startFirmware(firmware);
}

function type(...lines: string[]): string[] {
	const { printed } = world;
	const before = printed.length;
	for (const line of lines) world.type(line);
	return printed.slice(before);
}

beforeEach(() => {
	store = createFakeStore();
	boot();
});

test("the key of an unknown broker is on the console and in status; as brokerKey it is trusted", () => {
	world.broker.behaviour = "unknown";
	world.clock.pass(5_000);
	const advice = `the broker shows a key; to keep it: set brokerKey ${fakeKey}`;
	expect(world.printed.at(-1)).toContain(advice);
	expect(type("status").slice(4, 7)).toEqual([
		expect.stringContaining("broker    waiting, last failure: nobody knows"),
		`key       ${fakeKey}, unknown`,
		`          ${advice}`,
	]);
	expect(world.broker.received).toEqual([]);
	const command = advice.slice(advice.indexOf("set "));
	expect(type(command)[0]).toBe("brokerKey is set and kept; restart to use it");
	boot();
	world.clock.pass(5_000);
	expect(world.broker.connections[0]!.options.trust!.pin).toEqual(new Uint8Array(32));
	expect(type("status")).toContain(`key       ${fakeKey}, trusted by brokerKey`);
	const diagnostics = world.broker.received.find(({ topic }) => topic.endsWith("/diagnostics"));
	expect(JSON.parse(diagnostics!.payload).tls).toEqual({
		key: fakeKey,
		verdict: "trusted",
		pinned: true,
		dates: "not needed",
	});
});

test("an authority that is pasted counts from the next start on, and waits for the time", () => {
	const lines = toPem(root.der).trimEnd().split("\n");
	expect(type("authority begin", ...lines, "authority end").at(-1)).toContain("authority 1 is kept: Root");
	boot();
	world.clock.pass(5_000);
	expect(world.broker.connections).toHaveLength(0);
	world.clock.pass(70_000);
	expect(world.broker.connections[0]!.options.trust!.authorities()).toEqual([root.der]);
	expect(type("status")).toContain(
		`key       ${fakeKey}, trusted by an authority, dates of its certificate not checked`,
	);
});

test("an authority that is damaged in flash is a problem, and nobody is trusted", () => {
	store.write("authority", "?");
	boot();
	const problem = "No broker is trusted: the authority in slot 1 is damaged; add it again.";
	expect(firmware.checked.problems).toEqual([problem]);
	expect(world.printed.join("\n")).toContain(problem);
	world.clock.pass(70_000);
	expect(world.broker.connections[0]!.options.trust!.authorities()).toBe(
		"the authority in slot 1 is damaged; add it again",
	);
});
