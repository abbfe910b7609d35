/** When set-up opens, and when it must not: over boots of the whole firmware. */
import { beforeEach, describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { createChance } from "../support/chance.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld, PowerCut } from "../support/fake-ports.js";
import { type Air, addAir } from "./phones.js";

const config = { wifi: "home", wifiPassword: "correct horse", broker: "mqtt://10.0.0.1" };
const minute = 60_000;

let store: FakeStore;
let world: FakeWorld;
let air: Air;
let firmware: Firmware;

function boot(seconds: number, reason = "power on", given: Record<string, string> = config): boolean {
	world = createFakeWorld(createChance(1), store, reason);
	air = addAir(world);
	firmware = createFirmware(given, world.ports);
	startFirmware(firmware);
	world.clock.pass(seconds * 1_000);
	return firmware.setup !== null;
}

/** Off and on again a few times, each time for so long. */
function plug(...seconds: number[]): void {
	for (const time of seconds) expect(boot(time)).toBe(false);
}

beforeEach(() => {
	store = createFakeStore();
});

test("a board without a network opens set-up, and one with a network does not", () => {
	expect(boot(20, "power on", {})).toBe(true);
	expect(air.opened).toBe(1);
	store = createFakeStore();
	expect(boot(20)).toBe(false);
	expect(air.opened).toBe(0);
});

test("a board without an access point never does", () => {
	world = createFakeWorld(createChance(1), store);
	firmware = createFirmware({}, world.ports);
	startFirmware(firmware);
	world.clock.pass(20 * minute);
	expect(firmware.setup).toBeNull();
	world.type("setup");
	expect(world.printed).toContain("this board has no access point of its own");
	expect(world.restarts).toBe(0);
});

describe("three quick power cycles", () => {
	test("open it", () => {
		boot(600);
		plug(5, 3, 8);
		expect(boot(20)).toBe(true);
		expect(air.opened).toBe(1);
		expect(world.printed.join("\n")).toContain("the power came and went three times");
		// Once: the next time that the power comes is for the reader's work.
		expect(boot(20)).toBe(false);
	});

	test.each([
		["two are not enough", [5, 5]],
		["a long one between them begins anew", [5, 5, 12, 5, 5]],
		["shorter ones are a contact that bounces", [1, 1, 1, 1]],
	])("%s", (_name, runs) => {
		boot(600);
		plug(...runs);
		expect(boot(20)).toBe(false);
	});

	test("shorter ones between them do no harm", () => {
		plug(5, 1, 5, 1, 5);
		expect(boot(20)).toBe(true);
	});

	test.each(["brown-out", "task watchdog", "panic", "restart", "interrupt watchdog"])(
		"a %s clears the count",
		reason => {
			plug(5, 5);
			expect(boot(5, reason)).toBe(false);
			plug(5);
			expect(boot(20)).toBe(false);
			store = createFakeStore();
			plug(5, 5, 5);
			expect(boot(20, reason)).toBe(false);
		},
	);

	test("the meter's port that folds back again and again opens nothing", () => {
		for (let time = 0; time < 50; time += 1) expect(boot(4, "brown-out")).toBe(false);
		expect(boot(20)).toBe(false);
	});

	test("a run costs two writes of flash at most, and a long one leaves nothing", () => {
		boot(600);
		const { writes } = store;
		boot(600);
		expect(store.writes - writes).toBeLessThanOrEqual(2);
		expect(store.read("quick")).toBeNull();
	});
});

describe("a network that never came since it was set", () => {
	test("opens it after five minutes", () => {
		world = createFakeWorld(createChance(1), store);
		expect(boot(0)).toBe(false);
		world.network.behaviour = "away";
		world.clock.pass(4 * minute);
		expect(world.restarts).toBe(0);
		world.clock.pass(2 * minute);
		expect(world.restarts).toBe(1);
		expect(boot(20, "restart")).toBe(true);
		expect(world.printed.join("\n")).toContain("the network never came since it was set");
	});

	test("comes while it is tried: then it is not opened", () => {
		boot(0);
		world.network.behaviour = "away";
		world.clock.pass(4 * minute);
		world.network.behaviour = "ok";
		world.clock.pass(10 * minute);
		expect(world.restarts).toBe(0);
		expect(store.read("setup")).toBeNull();
	});

	test.each([
		["wifi", "other"],
		["wifiPassword", "other horse"],
	])("again after %s was changed, which counts as new", (name, value) => {
		boot(60);
		world.type(`set ${name} ${value}`);
		boot(0, "restart");
		world.network.behaviour = "wrongPassword";
		world.clock.pass(6 * minute);
		expect(world.restarts).toBe(1);
		expect(boot(20, "restart")).toBe(true);
	});

	test("other settings are no new network", () => {
		boot(60);
		world.type("set deadBand power=50");
		boot(0, "restart");
		world.network.behaviour = "away";
		world.clock.pass(60 * minute);
		expect(world.restarts).toBe(0);
	});
});

test("a router's outage never opens it, however long and over whatever boots", () => {
	boot(60);
	for (const reason of ["power on", "brown-out", "restart", "power on"]) {
		expect(boot(0, reason)).toBe(false);
		world.network.behaviour = "away";
		world.clock.pass(5 * 60 * minute);
		expect(world.restarts).toBe(0);
		expect(air.opened).toBe(0);
	}
	world.network.drop();
	world.clock.pass(60 * minute);
	expect(air.opened).toBe(0);
});

test("the console asks for it, for the next boot only", () => {
	boot(60);
	world.type("setup");
	world.clock.pass(2_000);
	expect(world.restarts).toBe(1);
	expect(boot(20, "restart")).toBe(true);
	expect(boot(20, "restart")).toBe(false);
});

test("a new program that is on trial has to show first that it works", () => {
	boot(60);
	world.type("setup");
	world = createFakeWorld(createChance(1), store, "restart");
	air = addAir(world);
	const program = {
		board: "",
		sequence: 1,
		keys: [],
		slotLength: 0,
		isOnTrial: () => true,
		keep() {},
		giveUp() {},
		openSlot: () => ({ write() {}, complete() {}, close() {} }),
		createDigest: () => ({ write() {}, close: () => new Uint8Array(32) }),
	};
	firmware = createFirmware(config, { ...world.ports, program });
	startFirmware(firmware);
	world.clock.pass(30_000);
	expect(air.opened).toBe(0);
});

test("after a brown-out the radio waits, and the access point with it", () => {
	expect(boot(14, "brown-out", {})).toBe(true);
	expect(world.network.opened).toBe(false);
	world.clock.pass(5_000);
	expect(air.opened).toBe(1);
});

test("the light says that set-up is open", () => {
	boot(20, "power on", {});
	const before = world.light.length;
	world.clock.pass(8_000);
	const changes = world.light.slice(before);
	const dark = changes.filter(({ on }) => !on).length;
	expect(dark).toBeGreaterThanOrEqual(4);
	expect(dark).toBeLessThanOrEqual(6);
});

test("a power cut in any write of the store leaves a reader that boots, and no set-up that nobody wants", () => {
	for (let at = 1; at <= 12; at += 1) {
		for (const leaves of ["old", "none", "part", "new"] as const) {
			store = createFakeStore();
			boot(60);
			store.cut = { at: store.writes + at, leaves };
			try {
				boot(12, "power on");
				boot(12, "power on");
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
			}
			store.cut = null;
			expect(boot(60)).toBe(false);
			expect(firmware.uplink.supervisor.state).toBe("ready");
		}
	}
});
