/** A board that asks more of its memory than it has: servers wait where the program gave up twice in a row. */
import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { abortFirmware, createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { createChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";

const vector = JSON.parse(readFileSync(new URL("../vectors/luxembourg-2018.json", import.meta.url), "utf8"));
const frame = Uint8Array.from(Buffer.from(vector.frame, "hex"));
const config = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", key: vector.key };
const served = { ...config, webPort: "80", telegramPort: "8088" };

let world: FakeWorld;
let firmware: Firmware;
let store: FakeStore;
/** Why the next run begins. */
let next: string;

beforeEach(() => {
	store = createFakeStore();
	next = "power on";
});

/** A run of so many milliseconds. */
function run(duration = 10_000, given: Record<string, string> = served, resetReason = next): void {
	next = "power on";
	world = createFakeWorld(createChance(1), store, resetReason);
	firmware = createFirmware(given, world.ports);
	startFirmware(firmware);
	world.clock.pass(duration);
}

/** XS restarts the board then. */
function giveUp(): void {
	expect(abortFirmware(firmware, "memory full")).toBe(true);
	next = "restart";
}

function failTwice(): void {
	for (let at = 0; at < 2; at += 1) {
		run();
		giveUp();
	}
}

const openPorts = () => firmware.servers.openings.map(({ port }) => port);
const usual = [8088, 80, 80, 80];
const complaint = "The program gave up twice in a row: webPort and telegramPort wait for another start.";

test("once they are opened again; after the second time they wait, and the log says why", () => {
	run();
	expect(openPorts()).toEqual(usual);
	giveUp();
	run();
	expect(openPorts()).toEqual(usual);
	giveUp();
	run();
	expect(openPorts()).toEqual([]);
	world.type("log");
	expect(world.printed.some(line => line.endsWith(complaint))).toBe(true);
});

test("meanwhile the meter is read and published", () => {
	failTwice();
	run();
	world.receive(frame, frame.length, null);
	world.clock.pass(5_000);
	expect(world.broker.received.some(({ topic }) => topic === "smarty/SAG1030700114004/state")).toBe(true);
	const diagnostics = world.broker.received.filter(({ topic }) => topic.endsWith("/diagnostics")).at(-1)!;
	expect(JSON.parse(diagnostics.payload)).toMatchObject({ boots: 3, last_abort: "memory full" });
});

test.each(["restart", "panic", "task watchdog", "interrupt watchdog"])(
	"a %s that nobody asked for is the same, where the reason could not be kept",
	reason => {
		run();
		run(10_000, served, reason);
		expect(openPorts()).toEqual(usual);
		run(10_000, served, reason);
		expect(openPorts()).toEqual([]);
		run(10_000, served, "brown-out");
		expect(openPorts()).toEqual(usual);
	},
);

test("a restart that was asked for is none of these", () => {
	run();
	for (let at = 0; at < 3; at += 1) {
		world.type("restart");
		world.clock.pass(5_000);
		expect(world.restarts).toBe(1);
		run(10_000, served, "restart");
		expect(openPorts()).toEqual(usual);
	}
	expect(firmware.bootRecord.failedRuns).toBe(0);
	// And it is asked for once.
	run(10_000, served, "restart");
	expect(firmware.bootRecord.failedRuns).toBe(1);
});

test("after any other start they are there again, and the last reason is kept", () => {
	for (let at = 0; at < 3; at += 1) {
		run();
		giveUp();
	}
	run();
	expect(openPorts()).toEqual([]);
	run();
	expect(openPorts()).toEqual(usual);
	expect(firmware.bootRecord.lastAbort).toBe("memory full");
	// And once is once again.
	giveUp();
	run();
	expect(openPorts()).toEqual(usual);
});

test("a run of an hour is no failure in a row", () => {
	run();
	giveUp();
	run(3_700_000);
	giveUp();
	run();
	expect(openPorts()).toEqual(usual);
	giveUp();
	run();
	expect(openPorts()).toEqual([]);
});

test("an exception that was survived counts for nothing", () => {
	for (let at = 0; at < 4; at += 1) {
		run();
		expect(abortFirmware(firmware, "unhandled exception", new Error("oops"))).toBe(false);
	}
	expect(openPorts()).toEqual(usual);
});

test("where no server is set nothing is said", () => {
	for (let at = 0; at < 3; at += 1) {
		run(10_000, config);
		giveUp();
	}
	run(10_000, config);
	expect(firmware.log.lines.some(({ text }) => text.includes("in a row"))).toBe(false);
});

test("a store that fails costs a count, and no start", () => {
	run();
	giveUp();
	store.write = () => {
		throw new Error("worn out");
	};
	run();
	expect(openPorts()).toEqual(usual);
});

test("a usual start writes nothing for it", () => {
	run();
	const before = store.writes;
	run();
	// The count of boots.
	expect(store.writes - before).toBe(1);
});
