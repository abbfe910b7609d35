/** Tests of `modules/firmware/forget.ts`. */
import { expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { createChance } from "../support/chance.js";
import { closeTelegram } from "../support/checksum.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { changeLine } from "../support/telegrams.js";
import { specificationTelegram, textBytes } from "../support/vectors.js";

const plain = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1" };
const device = "smarty-xs-a1b2c3d4e5f6";
const meter = "SAG1030790002574";
const next = "SAG1030790002575";

interface Board {
	world: FakeWorld;
	firmware: Firmware;
	show(text: string): void;
	/** What the console answers. */
	type(line: string): string[];
	retained(): string[];
}

function boot(settings: Record<string, string> = {}, store: FakeStore = createFakeStore()): Board {
	const world = createFakeWorld(createChance(1), store);
	const firmware = createFirmware({ ...plain, ...settings }, world.ports);
	startFirmware(firmware);
	world.clock.pass(5_000);
	return {
		world,
		firmware,
		show(text) {
			const bytes = textBytes(text.endsWith("!") ? closeTelegram(text) : text);
			world.receive(bytes, bytes.length, null);
			world.clock.pass(1_000);
		},
		type(line) {
			const count = world.printed.length;
			world.type(line);
			return world.printed.slice(count);
		},
		retained: () => [...world.broker.retained.keys()].sort(),
	};
}

const renamed = changeLine(specificationTelegram, "0-0:42.0.0", "0-0:42.0.0(53414731303330373930303032353735)");

test.each(["device", "entity"])("a meter that is gone leaves nothing at the broker (discovery %s)", discovery => {
	const store = createFakeStore();
	const board = boot(
		{ discovery, layout: "json values raw", valuesRetain: "yes", valuesQuality: "1", powerClass: "3" },
		store,
	);
	board.show(specificationTelegram);
	board.world.clock.pass(5_000);
	const count = board.retained().filter(topic => topic.includes(meter)).length;
	expect(count).toBeGreaterThan(discovery === "device" ? 55 : 100);
	expect(board.type(`forget ${meter}`)).toEqual([expect.stringMatching(/sends, and would be back at once/)]);
	board.world.clock.pass(60_000);
	for (let round = 0; round < 3; round += 1) {
		board.show(renamed);
		board.world.clock.pass(9_000);
	}
	expect(board.type(`forget ${meter}`)).toEqual([`the topics of ${meter} are cleared as soon as nothing else waits`]);
	for (let round = 0; round < 20; round += 1) {
		board.show(renamed);
		board.world.clock.pass(9_000);
	}
	const left = board.retained();
	expect(left.filter(topic => topic.includes(meter))).toEqual([]);
	expect(left).toContain(`smarty/${next}/state`);
	expect(left).toContain(`smarty/${device}/status`);
	expect(left.some(topic => topic.includes(`${device}_${next}_gas`))).toBe(true);
	expect(board.firmware.exceptions).toBe(0);
	expect(board.world.broker.violations).toEqual([]);
	// Nor is it said to be offline, now or after the next boot.
	board.world.clock.pass(200_000);
	expect(board.retained().filter(topic => topic.includes(meter))).toEqual([]);
	const again = boot({}, store);
	again.world.clock.pass(200_000);
	expect(again.retained().filter(topic => topic.includes(meter))).toEqual([]);
});

test("a meter that nobody remembers, and a reader that was there before", () => {
	const board = boot();
	board.show(specificationTelegram);
	const old = "smarty-xs-000000000001";
	const { retained } = board.world.broker;
	const stale = [
		"smarty/OLD1/state",
		"smarty/OLD1/status",
		"smarty/OLD1/active_energy_import",
		`homeassistant/device/${device}_OLD1/config`,
		`homeassistant/sensor/${device}_OLD1/active_power/config`,
	];
	for (const topic of stale) retained.set(topic, "x");
	expect(board.type("forget OLD1")).toEqual([expect.stringContaining("the topics of OLD1 are cleared")]);
	board.world.clock.pass(30_000);
	for (const topic of stale) expect([...retained.keys()]).not.toContain(topic);
	const left = [
		`smarty/${old}/status`,
		`smarty/${old}/diagnostics`,
		`homeassistant/device/${old}/config`,
		`homeassistant/device/${old}_${meter}/config`,
		`homeassistant/device/${old}_${meter}_gas_FLO189900060355/config`,
		`homeassistant/sensor/${old}_${meter}/voltage_l1/config`,
	];
	for (const topic of left) retained.set(topic, "x");
	board.type(`forget ${old}`);
	board.world.clock.pass(30_000);
	for (const topic of left) expect([...retained.keys()]).not.toContain(topic);
	expect([...retained.keys()]).toContain(`smarty/${meter}/state`);
	expect(board.type("forget")).toEqual([expect.stringContaining("forget what?")]);
});

test("this reader itself: what Home Assistant has of it is gone until it connects again", () => {
	const board = boot();
	board.show(specificationTelegram);
	board.world.clock.pass(5_000);
	expect(board.type("forget reader")[0]).toContain(`the topics of ${device} are cleared`);
	board.world.clock.pass(20_000);
	expect(board.retained().filter(topic => topic.startsWith("homeassistant/"))).toEqual([]);
	board.world.broker.drop();
	board.show(specificationTelegram);
	board.world.clock.pass(20_000);
	expect(board.retained().filter(topic => topic.startsWith("homeassistant/")).length).toBeGreaterThan(1);
});
