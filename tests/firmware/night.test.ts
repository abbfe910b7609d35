/** The whole firmware over fake ports: random nights. */
import { expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { createChance as createMeterChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { createFakeStore, createFakeWorld, type FakeWorld } from "../support/fake-ports.js";

const key = "D491470F47126332B07D1923B3504188";
const config = { wifi: "home", wifiPassword: "12345678", broker: "mqtt://10.0.0.1", key };
const start = Date.UTC(2026, 0, 15, 20, 0, 0);

interface Night {
	world: FakeWorld;
	firmware: Firmware;
	/** Times of the telegrams that came whole, and the energy in each. */
	sent: Map<string, number>;
	/** What came to the broker, over all boots. */
	received: { topic: string; time: string; energy: number }[];
	/** Lets the meter send once and time pass up to the next telegram. */
	tick(): void;
	/** The power goes and comes back, to a broker that is there or not. */
	reboot(behaviour: FakeWorld["broker"]["behaviour"]): void;
}

function createNight(seed: number): Night {
	const chance = createChance(seed);
	const meter = createMeter(createMeterChance(seed), start, { key: Uint8Array.from(Buffer.from(key, "hex")) });
	const flash = createFakeFlash(28, chance);
	const store = createFakeStore();
	let time = start;
	let taken = 0;
	function boot(behaviour: FakeWorld["broker"]["behaviour"]): void {
		night.world = createFakeWorld(chance, store);
		night.world.broker.behaviour = behaviour;
		night.world.ports.flash = flash;
		night.firmware = createFirmware(config, night.world.ports);
		startFirmware(night.firmware);
		taken = 0;
	}
	function collect(): void {
		const { received } = night.world.broker;
		for (; taken < received.length; taken++) {
			const { topic, payload } = received[taken]!;
			if (!/\/(state|history)$/.test(topic)) continue;
			const { time: at, active_energy_import: energy } = JSON.parse(payload);
			night.received.push({ topic, time: at, energy });
		}
	}
	const night: Night = {
		world: createFakeWorld(chance),
		firmware: null as unknown as Firmware,
		sent: new Map(),
		received: [],
		tick() {
			time += 10_000;
			const { bytes, telegram } = readMeter(meter, time);
			night.world.receive(bytes, bytes.length, null);
			const energy = Number(/1-0:1\.8\.0\((\d+\.\d+)/.exec(telegram)![1]);
			night.sent.set(`${new Date(time).toISOString().slice(0, 19)}Z`, energy);
			night.world.clock.pass(10_000);
			collect();
		},
		reboot(behaviour) {
			collect();
			boot(behaviour);
			night.world.clock.pass(8_000);
		},
	};
	boot("ok");
	night.world.clock.pass(8_000);
	return night;
}

test.each([1, 2, 3])(
	"the broker dies and returns all night, seed %i: every reading arrives, in order, with its values",
	seed => {
		const chance = createChance(1_000 + seed);
		const night = createNight(seed);
		const { broker, network } = night.world;
		for (let part = 0; part < 10; part++) {
			for (let round = chance.integer(1, 40); round > 0; round--) night.tick();
			broker.behaviour = chance.pick(["unreachable", "nameless", "mute", "swallowing"]);
			if (chance.integer(0, 3) > 0) broker.drop();
			if (chance.integer(0, 3) === 0) network.behaviour = "away";
			if (network.behaviour === "away") network.drop();
			for (let round = chance.integer(1, 180); round > 0; round--) night.tick();
			broker.behaviour = "ok";
			network.behaviour = "ok";
		}
		for (let round = 0; round < 60; round++) night.tick();
		const { sent, received, world, firmware } = night;
		expect(firmware.exceptions).toBe(0);
		expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
		expect(firmware.history.recent.waiting).toBe(0);
		const times = new Set(received.map(({ time }) => time));
		expect([...sent.keys()].filter(time => !times.has(time))).toEqual([]);
		for (const { time, energy } of received) expect(energy, time).toBe(sent.get(time));
		// A graph of now stays true: only ever newer, and each reading once.
		const states = received.filter(({ topic }) => topic.endsWith("/state")).map(({ time }) => time);
		expect(states).toEqual([...new Set(states)].sort());
		const late = received.filter(({ topic }) => topic.endsWith("/history")).map(({ time }) => time);
		expect(late.length).toBeGreaterThan(100);
		// In order too, but for what was on its way when a connection broke and had to come once more.
		const backwards = late.filter((time, at) => at > 0 && time <= late[at - 1]!);
		expect(backwards.length).toBeLessThanOrEqual(world.broker.connections.length * 4);
	},
);

test("restarts in the night keep the quarters of an hour", () => {
	const chance = createChance(7);
	const night = createNight(7);
	for (let part = 0; part < 12; part++) {
		night.reboot("unreachable");
		for (let round = chance.integer(30, 200); round > 0; round--) night.tick();
	}
	expect(night.received).toEqual([]);
	night.reboot("ok");
	for (let round = 0; round < 60; round++) night.tick();
	const quarters = (times: Iterable<string>) => new Set([...times].map(time => Math.floor(Date.parse(time) / 900_000)));
	expect(quarters(night.received.map(({ time }) => time))).toEqual(quarters(night.sent.keys()));
	for (const { time, energy } of night.received) expect(energy, time).toBe(night.sent.get(time));
	expect(night.firmware.exceptions).toBe(0);
});
