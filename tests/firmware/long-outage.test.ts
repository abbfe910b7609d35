/** On a computer no outage of the broker ends the program: the way to it is built anew. */
import { expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Medium } from "../../modules/ports/ports.js";
import { createChance } from "../support/chance.js";
import { createFakeWorld } from "../support/fake-ports.js";
import { hexOf, realFrame } from "../support/vectors.js";

const hour = 3_600_000;

/** A day without a broker, after which it is there. */
function live(medium: Medium) {
	const world = createFakeWorld(createChance(3));
	const { clock, broker, ports } = world;
	let opened = 0;
	const firmware = createFirmware(
		{ wifi: "home", broker: "mqtt://10.0.0.1", key: hexOf(realFrame.key) },
		{
			...ports,
			medium,
			openNetwork(onChanged) {
				opened += 1;
				if (medium === "wifi") return ports.openNetwork(onChanged);
				let quietUntil = 0;
				clock.setAlarm(1, onChanged);
				return {
					medium,
					get state() {
						return clock.now() >= quietUntil ? ("ready" as const) : ("idle" as const);
					},
					address: "computer",
					signalStrength: null,
					macAddress: "a1b2c3d4e5f6",
					nameServers: [],
					connect() {},
					disconnect() {
						quietUntil = clock.now() + 100;
						clock.setAlarm(100, onChanged);
					},
				};
			},
		},
	);
	broker.behaviour = "unreachable";
	startFirmware(firmware);
	clock.pass(1_000);
	world.receive(realFrame.frame, realFrame.frame.length, null);
	clock.pass(25 * hour);
	const { tries } = firmware.uplink.broker;
	broker.behaviour = "ok";
	clock.pass(8 * 60_000);
	return { world, firmware, opened, tries };
}

test("a gateway goes on after a day without a broker, and has the reading of its beginning", () => {
	const { world, firmware, opened, tries } = live("host");
	expect(world.restarts).toBe(0);
	expect(firmware.exceptions).toBe(0);
	expect(firmware.bootRecord.restarts).toBe(4);
	expect(opened).toBe(5);
	// It never stopped trying, and its counts go on.
	expect(tries).toBeGreaterThan(25 * 60);
	expect(world.broker.received.map(({ topic }) => topic)).toContain("smarty/SAG1030700114004/history");
	expect(world.broker.violations).toEqual([]);
	expect(firmware.log.lines.filter(({ text }) => text === "broker: connected")).toHaveLength(1);
});

test("a board restarts, which brings its radio and its memory back, too", () => {
	expect(live("wifi").world.restarts).toBeGreaterThanOrEqual(4);
});
