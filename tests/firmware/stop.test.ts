/** `stopFirmware`, `isIdle` and `finishInput`: what a program that ends asks of the firmware. */
import { beforeEach, describe, expect, test } from "vitest";
import {
	createFirmware,
	finishInput,
	isIdle,
	noteTrouble,
	startFirmware,
	stopFirmware,
} from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { createChance } from "../support/chance.js";
import { createFakeWorld, type FakeWorld } from "../support/fake-ports.js";
import { hexOf, realFrame } from "../support/vectors.js";

const status = "smarty/SAG1030700114004/status";
const config = {
	wifi: "home",
	wifiPassword: "12345678",
	broker: "mqtt://10.0.0.1",
	key: hexOf(realFrame.key),
	requestPin: "17",
};

let world: FakeWorld;
let firmware: Firmware;
/** Ports of listeners that are open. */
let open: number[];

function boot(given: Record<string, string> = config): void {
	world = createFakeWorld(createChance(1));
	open = [];
	const openListener = (port: number) => {
		open.push(port);
		return { close: () => void open.splice(open.indexOf(port), 1) };
	};
	firmware = createFirmware(given, { ...world.ports, openListener });
	startFirmware(firmware);
}

function send(): void {
	world.receive(realFrame.frame, realFrame.frame.length, null);
}

/** Stops, and tells how many milliseconds it took; null while it is not done. */
function stop(): { took: number | null } {
	const began = world.clock.now();
	const outcome: { took: number | null } = { took: null };
	stopFirmware(firmware, () => {
		outcome.took = world.clock.now() - began;
	});
	return outcome;
}

beforeEach(() => boot());

describe("stopFirmware", () => {
	test("says goodbye, closes the servers, takes the request back, and nothing runs any more", () => {
		boot({ ...config, webPort: "8080", telegramPort: "8088" });
		world.clock.pass(5_000);
		send();
		world.clock.pass(5_000);
		expect(open).toEqual([8088, 8080]);
		expect(world.broker.retained.get(status)).toBe("online");
		const stopped = stop();
		expect(open).toEqual([]);
		world.clock.pass(1_000);
		expect(stopped.took).toBeLessThanOrEqual(100);
		expect(world.broker.retained.get(status)).toBe("offline");
		expect(world.broker.connections.every(({ state, disconnected }) => state === "closed" && disconnected)).toBe(true);
		expect(world.requests.at(-1)).toBe(false);
		// Neither what is received nor time wakes it up.
		send();
		expect(world.clock.nextAlarm()).toBe(Infinity);
		expect(open).toEqual([]);
		expect(firmware.exceptions).toBe(0);
		expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
	});

	test.each(["unreachable", "nameless", "mute", "swallowing", "refusing"] as const)(
		"waits at most a second for a broker that is %s",
		behaviour => {
			world.broker.behaviour = behaviour;
			world.clock.pass(10_000);
			send();
			const stopped = stop();
			world.clock.pass(1_100);
			expect(stopped.took).toBeLessThanOrEqual(1_020);
			expect(world.clock.now()).toBe(11_100);
		},
	);

	test("may be called before anything is connected, and more than once", () => {
		const [first, second] = [stop(), stop()];
		world.clock.pass(100);
		const third = stop();
		world.clock.pass(100);
		for (const { took } of [first, second, third]) expect(took).toBeLessThanOrEqual(40);
		expect(world.broker.connections).toEqual([]);
	});
});

describe("isIdle", () => {
	test("is false from a telegram until the broker has all that was made of it", () => {
		world.clock.pass(5_000);
		expect(isIdle(firmware)).toBe(true);
		world.broker.latency = 200;
		send();
		expect(isIdle(firmware)).toBe(false);
		while (!isIdle(firmware)) world.clock.pass(1);
		const topics = world.broker.received.map(({ topic }) => topic);
		expect(topics).toContain("smarty/SAG1030700114004/state");
		expect(topics.some(topic => topic.startsWith("homeassistant/device/"))).toBe(true);
		const count = topics.length;
		world.clock.pass(10_000);
		expect(world.broker.received.length).toBe(count);
	});

	test("is false while late readings wait, whatever became of their topic", () => {
		world.clock.pass(5_000);
		world.broker.behaviour = "unreachable";
		world.broker.drop();
		send();
		world.clock.pass(300_000);
		expect(isIdle(firmware)).toBe(false);
		world.broker.behaviour = "ok";
		world.clock.pass(120_000);
		expect(isIdle(firmware)).toBe(true);
		expect(world.broker.received.some(({ topic }) => topic.endsWith("/history"))).toBe(true);
	});

	test("is true without a broker: nothing will ever be published", () => {
		const { broker: _broker, ...rest } = config;
		boot(rest);
		world.clock.pass(5_000);
		send();
		world.clock.pass(100);
		expect(isIdle(firmware)).toBe(true);
	});
});

test("finishInput reads what was held back, and tells what came", () => {
	const cut = realFrame.frame.slice(0, 100);
	send();
	world.receive(cut, cut.length, null);
	expect(finishInput(firmware)).toEqual({ telegrams: 1, summary: "authenticated 1; expired 1" });
});

test("noteTrouble is a line of the log", () => {
	noteTrouble(firmware, "port 80 is in use");
	world.type("log");
	expect(world.printed.at(-1)).toMatch(/port 80 is in use$/);
});
