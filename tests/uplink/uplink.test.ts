/** Tests of `modules/uplink/uplink.ts`. */
import { describe, expect, test } from "vitest";
import { offer } from "../../modules/uplink/outbox.js";
import { createStatus } from "../../modules/uplink/session.js";
import { isOnline } from "../../modules/uplink/uplink.js";
import { type Chance, createChance } from "../support/chance.js";
import { createRig, type Rig, received, send, violations } from "../support/uplink-rig.js";

describe("any order of events", () => {
	const sequences = 10_000;

	/** One thing that may happen at any time. */
	function happen(rig: Rig, chance: Chance): void {
		const { broker, network, clock } = rig.world;
		switch (chance.integer(0, 13)) {
			case 0:
				network.drop();
				return;
			case 1:
			case 2:
				network.behaviour = chance.pick(["ok", "ok", "away", "wrongPassword", "noAddress", "deaf"]);
				return;
			case 3:
			case 4:
			case 5:
				broker.behaviour = chance.pick([
					"ok",
					"nameless",
					"unreachable",
					"mute",
					"refusing",
					"distrusted",
					"unknown",
					"swallowing",
				]);
				return;
			case 6:
				broker.drop();
				return;
			case 7:
				broker.latency = chance.pick([0, 1, 20, 500, 5_000, 25_000]);
				network.latency = chance.pick([0, 1, 50, 3_000, 50_000]);
				return;
			case 8:
				broker.room = chance.pick([300, 1_448, 8_192]);
				return;
			case 9:
				clock.pass(chance.integer(1, 400));
				return;
			case 10:
				network.readdress(`192.168.1.${chance.integer(2, 250)}`);
				return;
			case 11:
				clock.setTime(1_700_000_000_000);
				return;
			case 12:
				send(rig, `t/${chance.integer(1, 4)}`, "ä".repeat(chance.integer(0, 3_000)), chance.pick([0, 1]));
				return;
			default:
				for (const { state, publish } of rig.world.broker.connections) {
					if (state === "connected") publish("x/y", chance.bytes(chance.integer(1, 600)));
				}
		}
	}

	test(`${sequences} sequences: never stuck, never against the client's rules, and well again afterwards`, () => {
		let most = 0;
		for (let seed = 1; seed <= sequences; seed++) {
			const chance = createChance(seed);
			const rig = createRig(chance, { broker: chance.pick(["mqtt://10.0.0.1", "mqtts://broker"]) });
			const { world, uplink } = rig;
			const count = chance.integer(3, 24);
			for (let event = 0; event < count; event++) {
				happen(rig, chance);
				world.clock.pass(chance.pick([0, 1, 30, 700, 6_000, 40_000, 130_000]));
			}
			Object.assign(world.broker, { behaviour: "ok", latency: 5, room: 8_192 });
			Object.assign(world.network, { behaviour: "ok", latency: 50 });
			// The slowest way back: 5 minutes after a refusal, and what was under way before that.
			world.clock.pass(480_000);
			const where = `seed ${seed}: ${uplink.supervisor.state}, ${uplink.broker.state}`;
			expect(isOnline(uplink), where).toBe(true);
			send(rig, "last", String(seed));
			world.clock.pass(1_000);
			expect(received(rig, "last"), where).toEqual([String(seed)]);
			expect([...violations(rig), ...rig.exceptions], where).toEqual([]);
			expect(uplink.abandoned, where).toEqual([]);
			expect(
				world.broker.connections.filter(connection => connection.state !== "closed"),
				where,
			).toHaveLength(1);
			expect(rig.longestWait, where).toBeLessThanOrEqual(600_000);
			most = Math.max(most, (1_000 * rig.runs) / world.clock.now());
		}
		// No state may turn in a circle without waiting: so many runs a second at most, over a whole sequence.
		expect(most).toBeLessThan(5);
	});
});

function connected(rig: Rig) {
	return rig.world.broker.connections.filter(connection => connection.state === "connected");
}

describe("the network", () => {
	test("the radio stays dark until the supply is full, and longer after a brown-out", () => {
		for (const [reason, dark] of [
			["power on", 2_000],
			["brown-out", 15_000],
		] as const) {
			const rig = createRig(createChance(1), {}, reason);
			rig.world.clock.pass(dark - 1);
			expect(rig.world.network.opened).toBe(false);
			rig.world.clock.pass(1);
			expect(rig.world.network.opened).toBe(true);
		}
	});

	test("without an access point it tries for ever, at most 62 s apart, and is connected soon after it is back", () => {
		const rig = createRig(createChance(2));
		const { network, clock } = rig.world;
		network.behaviour = "away";
		clock.pass(7 * 24 * 3_600_000);
		const gaps = network.tries.slice(1).map((time, at) => time - network.tries[at]!);
		// The wait of 60 s at most, and the grace of 2 s for a driver that answers late.
		expect(Math.max(...gaps)).toBeLessThanOrEqual(62_000);
		expect(Math.min(...gaps.slice(10))).toBeGreaterThanOrEqual(30_000);
		expect(new Set(gaps.slice(10)).size).toBeGreaterThan(100);
		network.behaviour = "ok";
		clock.pass(63_000);
		expect(isOnline(rig.uplink)).toBe(true);
	});

	test("no broker is tried without an address, and the client is closed when the address goes or changes", () => {
		const rig = createRig(createChance(3));
		const { network, broker, clock } = rig.world;
		network.behaviour = "noAddress";
		clock.pass(120_000);
		expect(broker.connections).toHaveLength(0);
		network.behaviour = "ok";
		clock.pass(120_000);
		expect(connected(rig)).toHaveLength(1);
		network.readdress("192.168.1.77");
		clock.pass(2_000);
		expect(broker.connections.map(connection => connection.state)).toEqual(["closed", "connected"]);
		network.behaviour = "away";
		network.drop();
		clock.pass(1_000);
		expect(connected(rig)).toHaveLength(0);
		expect(violations(rig)).toEqual([]);
	});

	test("a driver that throws does not end the tries", () => {
		const rig = createRig(createChance(4));
		const { ports, network, clock } = rig.world;
		const open = ports.openNetwork;
		let failures = 3;
		ports.openNetwork = onChanged => {
			if (failures-- > 0) throw new Error("no radio");
			return open(onChanged);
		};
		clock.pass(60_000);
		expect(rig.exceptions).toEqual(Array(3).fill("network: Error: no radio"));
		expect(isOnline(rig.uplink)).toBe(true);
		expect(network.violations).toEqual([]);
	});
});

const status = "smarty/smarty-xs-a1b2c3d4e5f6/status";

describe("the broker", () => {
	test("it is told who is there, with a retained last will and keep-alive", () => {
		const rig = createRig(createChance(1), { user: "me", password: "secret" });
		rig.world.clock.pass(5_000);
		const { options } = rig.world.broker.connections[0]!;
		expect(options).toMatchObject({
			host: "10.0.0.1",
			port: 1883,
			secure: false,
			id: "smarty-xs-a1b2c3d4e5f6",
			clean: true,
			keepAlive: 30_000,
			user: "me",
			password: "secret",
			nameServers: ["192.168.1.1"],
			will: { topic: status, message: "offline", QoS: 1, retain: true },
		});
		expect(rig.world.broker.retained.get(status)).toBe("online");
		rig.world.broker.drop();
		expect(rig.world.broker.retained.get(status)).toBe("offline");
		rig.world.clock.pass(5_000);
		expect(rig.world.broker.retained.get(status)).toBe("online");
	});

	test("an `online` that is not acknowledged in time is said again by the next session", () => {
		const rig = createRig(createChance(2));
		const { broker, clock } = rig.world;
		// Until the session stands, and no longer: its `online` is under way.
		while (!isOnline(rig.uplink)) clock.pass(1);
		broker.drop();
		expect(broker.retained.get(status)).toBe("offline");
		clock.pass(60_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect([...broker.retained]).toEqual([[status, "online"]]);
	});

	test("at a goodbye the reader and its meters are offline, and no last will is needed for it", () => {
		const rig = createRig(createChance(2));
		const { broker, clock } = rig.world;
		rig.uplink.events.onGoodbye = () => ["smarty/SAG1/status", "smarty/SAG2/status"];
		clock.pass(5_000);
		for (const name of ["SAG1", "SAG2"]) offer(rig.uplink.outbox, createStatus(`smarty/${name}/status`, true));
		rig.uplink.events.onChange();
		clock.pass(5_000);
		expect([...broker.retained.values()]).toEqual(["online", "online", "online"]);
		rig.uplink.leaving = true;
		rig.uplink.events.onChange();
		clock.pass(5_000);
		expect(broker.connections).toHaveLength(1);
		expect(broker.connections[0]!.disconnected).toBe(true);
		expect([...broker.retained].sort()).toEqual([
			["smarty/SAG1/status", "offline"],
			["smarty/SAG2/status", "offline"],
			[status, "offline"],
		]);
		expect(violations(rig)).toEqual([]);
	});

	test.each(["nameless", "unreachable", "mute"] as const)(
		"%s: tried for ever, at most 30 s after each failure",
		behaviour => {
			const rig = createRig(createChance(4));
			const { broker, clock } = rig.world;
			broker.behaviour = behaviour;
			clock.pass(24 * 3_600_000);
			const longest = { nameless: 5_000, unreachable: 30_000, mute: 45_000 }[behaviour] + 30_000;
			expect(broker.connections.length).toBeGreaterThan((24 * 3_600_000) / (longest + 100));
			broker.behaviour = "ok";
			clock.pass(longest + 1_000);
			expect(isOnline(rig.uplink)).toBe(true);
			expect(violations(rig)).toEqual([]);
		},
	);

	test.each([
		["refusing", [5, 10, 20, 40, 80, 160, 300, 300]],
		["distrusted", [30, 60, 120, 240, 300, 300]],
		["unknown", [30, 60, 120, 240, 300, 300]],
	] as const)("%s: tried after %s seconds, or half of it, and soon again once it was well", (behaviour, waits) => {
		const rig = createRig(createChance(5), { broker: "mqtts://broker" });
		const { broker, clock } = rig.world;
		broker.behaviour = behaviour;
		const opened: number[] = [];
		const passUntil = (count: number) => {
			while (broker.connections.length < count && clock.now() < 10 * 3_600_000) {
				clock.pass(100);
				if (broker.connections.length > opened.length) opened.push(clock.now());
			}
		};
		passUntil(waits.length + 1);
		for (const [at, wait] of waits.entries()) {
			const waited = (opened[at + 1]! - opened[at]!) / 1000;
			expect(waited, String(at)).toBeGreaterThan(wait / 2 - 0.3);
			expect(waited, String(at)).toBeLessThan(wait + 0.3);
		}
		expect(rig.uplink.broker.lastFailure).toMatch(/wrong user|has expired|nobody knows/);
		expect(rig.uplink.broker.refused).toBe(true);
		broker.behaviour = "ok";
		clock.pass(301_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(rig.uplink.broker.refused).toBe(false);
		clock.pass(31_000);
		broker.behaviour = behaviour;
		broker.drop();
		const tries = broker.connections.length;
		clock.pass(behaviour === "refusing" ? 21_000 : 100_000);
		expect(broker.connections.length).toBeGreaterThan(tries + 1);
	});

	test("a client that hangs while it resolves is left alone until it may be closed, and there are never more than two", () => {
		const rig = createRig(createChance(8));
		const { broker, clock } = rig.world;
		broker.latency = 400_000;
		clock.pass(3_600_000);
		expect(rig.uplink.broker.stuck).toBeGreaterThan(0);
		expect(broker.connections.filter(({ state }) => state === "resolving").length).toBeLessThanOrEqual(2);
		broker.latency = 5;
		clock.pass(500_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(connected(rig)).toHaveLength(1);
		expect(violations(rig)).toEqual([]);
	});

	test("a client that cannot be made is a failure like any other", () => {
		const rig = createRig(createChance(9));
		const { ports, clock } = rig.world;
		const create = ports.createMqttClient;
		ports.createMqttClient = () => {
			throw new Error("no memory");
		};
		clock.pass(60_000);
		expect(rig.exceptions.length).toBeGreaterThan(2);
		ports.createMqttClient = create;
		clock.pass(31_000);
		expect(isOnline(rig.uplink)).toBe(true);
	});

	test("an error before the constructor returns is a failure like any other", () => {
		const rig = createRig(createChance(10));
		const { ports, clock } = rig.world;
		const create = ports.createMqttClient;
		ports.createMqttClient = options => {
			options.onError();
			return { write: () => 0, read: () => undefined, close: () => {} };
		};
		clock.pass(60_000);
		ports.createMqttClient = create;
		clock.pass(31_000);
		expect(isOnline(rig.uplink)).toBe(true);
		expect(rig.uplink.abandoned).toEqual([]);
	});
});
