/** Counters of pulses in the whole firmware: topics, diagnostics, what is kept, and the comparison with the meter. */
import { describe, expect, test } from "vitest";
import { stopFirmware } from "../../modules/firmware/firmware.js";
import type { Ports } from "../../modules/ports/ports.js";
import { createFakeStore, type FakeStore } from "../support/fake-ports.js";
import { createFakePulses, type FakePulses } from "../support/fake-pulses.js";
import { bootHouse, createHouseMeter, type House, live, logOf, readerName } from "../support/house.js";
import type { VirtualClock } from "../support/virtual-clock.js";

type Board = House & { fake: FakePulses };

/** `changes` of the settings; `start`: pulses of pin 34 from then on, `interval` apart, milliseconds. */
function boot(
	changes: Record<string, string>,
	interval: number | null = 432,
	store: FakeStore = createFakeStore(),
): Board {
	let fake: FakePulses | undefined;
	const house = bootHouse(store, { pulses: "34/16667/led", ...changes }, undefined, (ports: Ports) => {
		fake = createFakePulses(ports.clock as VirtualClock);
		if (interval !== null)
			fake.times.set(
				34,
				Array.from({ length: 100_000 }, (_, at) => Math.round(at * interval) + (at % 7)),
			);
		return { ...ports, ...fake.ports };
	});
	return { ...house, fake: fake! };
}

function statesOf({ world }: House, name: string): { time: number; message: Record<string, number | string> }[] {
	return world.broker.received
		.filter(({ topic }) => topic === `smarty/${name}/state`)
		.map(({ time, payload }) => ({ time, message: JSON.parse(payload) }));
}

function diagnosticsOf({ world }: House): { pulses?: Record<string, unknown>[] } {
	const found = world.broker.received.filter(({ topic }) => topic === `smarty/${readerName}/diagnostics`);
	return JSON.parse(found.at(-1)!.payload);
}

describe("the state message", () => {
	test("comes each ten seconds with the power, and without a time while nobody knows it", () => {
		const board = boot({});
		board.world.clock.pass(300_000);
		const states = statesOf(board, "led");
		expect(states.length).toBeGreaterThan(27);
		expect(states.length).toBeLessThan(32);
		const { message } = states.at(-1)!;
		expect(Object.keys(message)).toEqual(["count", "active_energy", "active_power"]);
		// 0.06 Wh in 432 ms.
		expect(message.active_power).toBeCloseTo(0.5, 2);
		expect(board.firmware.exceptions).toBe(0);
		expect([...board.world.broker.violations]).toEqual([]);
	});

	test("tells energy once a minute, as the store has it, and no more than was counted", () => {
		const board = boot({});
		board.world.clock.pass(600_000);
		const counts = statesOf(board, "led").map(({ message }) => Number(message.count));
		expect(new Set(counts).size).toBeGreaterThan(9);
		expect(new Set(counts).size).toBeLessThan(13);
		expect(counts).toEqual(counts.slice().sort((one, other) => one - other));
		const { counter, kept } = board.firmware.pulses.lines[0]!;
		expect(Math.abs(counter.count - board.world.clock.now() / 432)).toBeLessThan(2);
		expect(kept.count - counts.at(-1)!).toBeLessThan(60_000 / 432 + 1);
		expect(counts.at(-1)).toBeLessThanOrEqual(kept.count);
		expect(counter.count - kept.count).toBeLessThan(60_000 / 432 + 1);
	});

	test("comes each minute from a counter that stands still, with 0 W after five minutes", () => {
		const board = boot({}, null);
		board.world.clock.pass(900_000);
		const states = statesOf(board, "led");
		expect(states.length).toBeGreaterThan(14);
		expect(states.length).toBeLessThan(18);
		expect(states[0]!.message).toEqual({ count: 0, active_energy: 0 });
		expect(states.at(-1)!.message).toEqual({ count: 0, active_energy: 0, active_power: 0 });
		expect(board.world.store.writes).toBeLessThan(5);
	});

	test("has the meter's time where there is one, and the quality and retention of the meter's", () => {
		const board = boot({ stateQuality: "0", stateRetain: "yes" });
		live(board, createHouseMeter(), 4);
		const { message } = statesOf(board, "led").at(-1)!;
		expect(message.time).toMatch(/^2026-06-01T10:00:\d\dZ$/);
		const found = board.world.broker.received.find(({ topic }) => topic === "smarty/led/state")!;
		expect(found).toMatchObject({ quality: 0, retain: true });
	});
});

test("each counter has its own input, options and energy", () => {
	const board = boot({ pulses: "34/16667/led 33/1000/pump/rising/50ms/1234.567kwh" });
	board.fake.times.set(33, [7_000, 10_600]);
	board.world.clock.pass(130_000);
	expect(board.fake.opened).toMatchObject([
		{ pin: 34, rising: false, pause: 0 },
		{ pin: 33, rising: true, pause: 50 },
	]);
	expect(statesOf(board, "pump").at(-1)!.message).toMatchObject({ count: 2, active_energy: 1234.569 });
	// 1 kW from the first to the second, and what a pause leaves of it.
	const powers = statesOf(board, "pump").map(({ message }) => Number(message.active_power ?? 0));
	expect(Math.max(...powers)).toBeGreaterThan(0.1);
	expect(Math.max(...powers)).toBeLessThanOrEqual(1);
	expect(powers.at(-1)).toBeLessThan(0.04);
});

test("an input that cannot be opened is tried again, and stops nobody", () => {
	const board = boot({ pulses: "34/16667/led 33/1000/pump" });
	expect(board.firmware.exceptions).toBe(0);
	const taken = boot({}, null);
	expect(taken.firmware.pulses.lines[0]!.input).not.toBeNull();
	let refusals = 0;
	const house = bootHouse(createFakeStore(), { pulses: "34/16667/led" }, undefined, ports => ({
		...ports,
		openPulses() {
			refusals += 1;
			throw new Error("no counter left");
		},
	}));
	house.world.clock.pass(95_000);
	expect(refusals).toBe(4);
	expect(house.firmware.exceptions).toBe(4);
	expect(logOf(house).join("\n")).toContain("no counter left");
	expect(statesOf(house, "led")).toEqual([]);
});

test("a board without counters says so once", () => {
	const house = bootHouse(createFakeStore(), { pulses: "34/16667/led" });
	house.world.clock.pass(300_000);
	expect(logOf(house).filter(text => text.includes("counts none"))).toHaveLength(1);
	expect(house.firmware.exceptions).toBe(0);
});

test("more than 100 kW is not counted, is said once, and is in the diagnostics", () => {
	const board = boot({ pulses: "34/1000/led" }, 10);
	board.world.clock.pass(70_000);
	expect(board.firmware.pulses.lines[0]!.counter.count).toBe(0);
	expect(logOf(board).filter(text => text.includes("more than 100 kW"))).toHaveLength(1);
	expect(diagnosticsOf(board).pulses).toMatchObject([{ name: "led", open: true, count: 0, kept: 0 }]);
	expect(Number(diagnosticsOf(board).pulses![0]!.refused)).toBeGreaterThan(3_000);
});

test("a restart loses nothing that was counted, a stop neither", () => {
	const store = createFakeStore();
	const first = boot({}, 432, store);
	first.world.clock.pass(30_000);
	const { counter } = first.firmware.pulses.lines[0]!;
	first.world.type("restart");
	first.world.clock.pass(1_500);
	const counted = counter.count;
	expect(first.world.restarts).toBe(1);
	expect(boot({}, null, store).firmware.pulses.lines[0]!.counter.count).toBeGreaterThanOrEqual(counted - 2);
	const second = boot({}, 432, store);
	second.world.clock.pass(20_000);
	stopFirmware(second.firmware, () => {});
	second.world.clock.pass(2_000);
	const stopped = second.firmware.pulses.lines[0]!.counter.count;
	expect(boot({}, null, store).firmware.pulses.lines[0]!.counter.count).toBe(stopped);
});

test("the meter's light is compared with its register; a mistake in the constant shows", () => {
	const board = boot({ pulses: "34/16667/led/meter" }, 1_000);
	live(board, createHouseMeter(), 800);
	board.world.clock.pass(61_000);
	const serial = board.firmware.meters[0]!.name;
	const steps = statesOf(board, serial)
		.map(({ time, message }) => ({
			time,
			wh: Math.round(1_000 * (Number(message.active_energy_import) + Number(message.active_energy_export))),
		}))
		.filter(({ wh }, at, all) => at > 0 && wh > all[at - 1]!.wh);
	const [first, last] = [steps[0]!, steps.at(-1)!];
	expect(last.wh - first.wh).toBeGreaterThan(1_000);
	const expected = (last.time - first.time) / (last.wh - first.wh);
	expect(Number(diagnosticsOf(board).pulses![0]!.constant_measured) / expected).toBeCloseTo(1, 2);
	board.world.type("status");
	expect(board.world.printed.join("\n")).toMatch(
		/pulses {4}led: .* W, .* kWh, \d+ pulses, measured [\d.]+ pulses per kWh/,
	);
});

describe("Home Assistant", () => {
	test("is told of a counter with the reader, in one message for each device", () => {
		const board = boot({ pulses: "34/16667/led 33/1000/pump" });
		const found = board.world.broker.received.filter(({ topic }) => topic.startsWith("homeassistant/"));
		expect(found.map(({ topic }) => topic)).toEqual([
			`homeassistant/device/${readerName}/config`,
			`homeassistant/device/${readerName}_led/config`,
			`homeassistant/device/${readerName}_pump/config`,
		]);
		const message = JSON.parse(found[1]!.payload);
		expect(message).toMatchObject({
			dev: { ids: [`${readerName}_led`], name: "pulses led", via_device: readerName },
			avty: [{ t: `smarty/${readerName}/status` }],
			stat_t: "smarty/led/state",
		});
		expect(message.cmps.active_energy).toMatchObject({
			p: "sensor",
			uniq_id: `${readerName}_led_active_energy`,
			dev_cla: "energy",
			stat_cla: "total_increasing",
			unit_of_meas: "kWh",
			exp_aft: 180,
		});
		expect(message.cmps.active_power).toMatchObject({ dev_cla: "power", unit_of_meas: "kW" });
		expect(message.cmps.count).toMatchObject({ ent_cat: "diagnostic", en: false });
	});

	test("is told entity by entity where it is older, and forgets them with the reader", () => {
		const board = boot({ discovery: "entity" });
		const topics = () => board.world.broker.received.map(({ topic }) => topic);
		const own = ["active_energy", "active_power", "count"].map(
			key => `homeassistant/sensor/${readerName}_led/${key}/config`,
		);
		expect(topics()).toEqual(expect.arrayContaining(own));
		board.world.type("forget reader");
		board.world.clock.pass(20_000);
		const cleared = board.world.broker.received.filter(({ payload }) => payload === "").map(({ topic }) => topic);
		expect(cleared).toEqual(expect.arrayContaining([...own, "smarty/led/state"]));
	});
});
