/** Several meters on one line: as many connections as with one, one announcement of each, and every filter per meter. */
import { describe, expect, test } from "vitest";
import { createFirmware, startFirmware } from "../../modules/firmware/firmware.js";
import { listLatest } from "../../modules/firmware/servers.js";
import type { Firmware } from "../../modules/firmware/state.js";
import { createChance as createSimulatedChance } from "../../simulator/chance.js";
import { createMeter, type Meter, readMeter } from "../../simulator/meter.js";
import { createChance } from "../support/chance.js";
import { telegramOf } from "../support/checksum.js";
import { createFakeStore, createFakeWorld, type FakeStore, type FakeWorld } from "../support/fake-ports.js";
import { type Sealing, seal } from "../support/sealer.js";
import { bytesOf, textBytes } from "../support/vectors.js";

const key = bytesOf("000102030405060708090A0B0C0D0E0F");
const settings = {
	wifi: "home",
	wifiPassword: "12345678",
	broker: "mqtt://10.0.0.1",
	key: "000102030405060708090A0B0C0D0E0F",
	powerClass: "3",
};
const reader = "smarty-xs-a1b2c3d4e5f6";
const start = Date.parse("2026-06-01T10:00:00Z");
const period = 10_000;

/** A board with meters that send on its one line in turn, each every ten seconds. */
interface Rig {
	world: FakeWorld;
	firmware: Firmware;
	meters: Meter[];
	/** UTC in milliseconds of the next round. */
	time: number;
}

function createMeters(count: number): Meter[] {
	return Array.from({ length: count }, (_, at) =>
		createMeter(createSimulatedChance(at + 1), start, {
			key,
			systemTitle: bytesOf(`534147677000000${at + 1}`),
			activeEnergyImport: 1_000_000 * (at + 1),
		}),
	);
}

function boot(meters: Meter[], store: FakeStore = createFakeStore(), time = start): Rig {
	const world = createFakeWorld(createChance(1), store);
	const firmware = createFirmware(settings, world.ports);
	startFirmware(firmware);
	world.clock.pass(5_000);
	return { world, firmware, meters, time };
}

/** One telegram of each of the meters, in this order. */
function sendRound(rig: Rig, meters = rig.meters): void {
	const { clock } = rig.world;
	for (const meter of meters) {
		const { bytes } = readMeter(meter, rig.time);
		rig.world.receive(bytes, bytes.length, null);
		clock.pass(Math.floor(period / meters.length));
	}
	rig.time += period;
}

function received({ world }: Rig, topic: string) {
	return world.broker.received.filter(message => message.topic === topic);
}

function statusOf({ world }: Rig, { serial }: Meter): string | undefined {
	return world.broker.retained.get(`smarty/${serial}/status`);
}

function expectGood({ world, firmware }: Rig): void {
	expect([...world.broker.violations, ...world.network.violations]).toEqual([]);
	expect(firmware.exceptions).toBe(0);
	expect(firmware.outbox.refused).toBe(0);
}

describe.each([1, 2, 6])("%i meters", count => {
	const rig = boot(createMeters(count));
	for (let round = 0; round < 60; round += 1) sendRound(rig);
	const diagnostics = JSON.parse(received(rig, `smarty/${reader}/diagnostics`).at(-1)!.payload);

	test("need one connection, and each is announced once", () => {
		expect(rig.world.broker.connections).toHaveLength(1);
		const announced = rig.world.broker.received.filter(({ topic }) => topic.startsWith("homeassistant/device/"));
		const topics = [reader, ...rig.meters.map(({ serial }) => `${reader}_${serial}`)];
		expect(announced.map(({ topic }) => topic).sort()).toEqual(
			topics.map(id => `homeassistant/device/${id}/config`).sort(),
		);
		expectGood(rig);
	});

	test("have every telegram on their own topic, and a status each", () => {
		for (const { serial } of rig.meters) {
			const states = received(rig, `smarty/${serial}/state`).map(({ payload }) => JSON.parse(payload));
			expect(states).toHaveLength(60);
			expect(states.every(state => state.serial === serial)).toBe(true);
			expect(rig.world.broker.retained.get(`smarty/${serial}/status`)).toBe("online");
		}
		expect(rig.world.broker.retained.get(`smarty/${reader}/status`)).toBe("online");
	});

	test("are in the diagnostics, each with its name and state", () => {
		expect(rig.firmware.lines[0]!.tally.counters.authenticated).toBe(60 * count);
		// The last diagnostics are up to a minute old.
		expect(diagnostics.telegrams).toBeGreaterThanOrEqual(53 * count);
		expect(diagnostics.held).toBe(0);
		expect(diagnostics.meters).toMatchObject(rig.meters.map(({ serial }) => ({ name: serial, state: "ok" })));
	});

	test("have a place in the store each, by their names", () => {
		const names = rig.meters.map(({ serial }) => serial);
		const slots = names.map((_, at) => (at === 0 ? "" : String(at + 1)));
		expect(slots.map(slot => rig.world.store.read(`meter${slot}`))).toEqual(names);
		for (const [at, slot] of slots.entries()) {
			expect(JSON.parse(rig.world.store.read(`power${slot}`)!)[2]).toBe(names[at]);
		}
	});
});

test("a meter that falls silent is offline; the others stay online, and so does the reader", () => {
	const rig = boot(createMeters(3));
	for (let round = 0; round < 3; round += 1) sendRound(rig);
	const [one, two, three] = rig.meters;
	for (let round = 0; round < 5; round += 1) sendRound(rig, [one, three]);
	expect([one, two, three].map(meter => statusOf(rig, meter))).toEqual(["online", "offline", "online"]);
	expect(rig.world.broker.retained.get(`smarty/${reader}/status`)).toBe("online");
	const diagnostics = JSON.parse(received(rig, `smarty/${reader}/diagnostics`).at(-1)!.payload);
	rig.world.clock.pass(1_000);
	sendRound(rig);
	expect(statusOf(rig, two)).toBe("online");
	expect(diagnostics.meters).toHaveLength(3);
	expectGood(rig);
});

test("at a goodbye all meters are offline, and with a lost connection the last will says so of the reader", () => {
	const rig = boot(createMeters(2));
	sendRound(rig);
	rig.world.broker.drop();
	expect(rig.world.broker.retained.get(`smarty/${reader}/status`)).toBe("offline");
	for (let round = 0; round < 4; round += 1) sendRound(rig);
	rig.world.type("restart");
	rig.world.clock.pass(3_000);
	const { retained } = rig.world.broker;
	const topics = [...rig.meters.map(({ serial }) => serial), reader].map(name => `smarty/${name}/status`);
	expect(topics.map(topic => retained.get(topic))).toEqual(["offline", "offline", "offline"]);
	expect(rig.world.broker.connections.at(-1)!.disconnected).toBe(true);
});

describe("every filter is the meter's own", () => {
	test("a recording of one meter is refused while the other goes on", () => {
		const rig = boot(createMeters(2));
		const recorded = readMeter(rig.meters[0], start).bytes;
		rig.time += period;
		for (let round = 0; round < 6; round += 1) {
			sendRound(rig);
			// As after a restart, which forgets the counters: the time is what is left.
			rig.firmware.wires[0]!.reader.frameCounters.meters.length = 0;
			rig.world.receive(recorded, recorded.length, null);
			rig.world.clock.pass(100);
		}
		expect(rig.firmware.refused).toBe(6);
		const times = received(rig, `smarty/${rig.meters[0].serial}/state`).map(({ payload }) => JSON.parse(payload).time);
		expect(times).toEqual([...times].sort());
		expect(times).toHaveLength(6);
	});

	test("an index that falls is held back for its meter, although another meter sends in between", () => {
		const rig = boot(createMeters(2));
		const [one, two] = rig.meters;
		for (let round = 0; round < 3; round += 1) sendRound(rig);
		one.energy.activeImport /= 2;
		sendRound(rig);
		const last = (meter: Meter) => JSON.parse(received(rig, `smarty/${meter.serial}/state`).at(-1)!.payload);
		expect(last(one)).not.toHaveProperty("active_energy_import");
		expect(last(two)).toHaveProperty("active_energy_import");
		for (let round = 0; round < 2; round += 1) sendRound(rig);
		expect(last(one).active_energy_import).toBeCloseTo(500, 0);
		expect(rig.firmware.meters.map(({ plausibility }) => plausibility.held)).toEqual([2, 0]);
	});

	test("power classes are accounted per meter, over a restart in which the meters come in another order", () => {
		const store = createFakeStore();
		const meters = createMeters(2);
		const before = boot(meters, store);
		for (let round = 0; round < 100; round += 1) sendRound(before);
		const stored = ["power", "power2"].map(name => store.read(name));
		expect(stored.map(text => JSON.parse(text!)[2])).toEqual(meters.map(({ serial }) => serial));
		const after = boot(meters, store, before.time);
		sendRound(after, [meters[1], meters[0]]);
		expect(after.firmware.meters.map(({ name }) => name)).toEqual([meters[1].serial, meters[0].serial]);
		expect(after.firmware.meters.map(({ slot }) => slot)).toEqual([1, 0]);
		expect(after.firmware.meters.map(({ account }) => account?.register)).toEqual(
			[1, 0].map(at => before.firmware.meters[at].account?.register),
		);
		expect(["power", "power2"].map(name => store.read(name))).toEqual(stored);
		expectGood(after);
	});
});

describe("what is stored", () => {
	test("by an earlier build, for its one meter, is still read", () => {
		const store = createFakeStore();
		const [meter] = createMeters(1);
		const account = [1, 3000, meter.serial, start - 5_000, 999_900, 100, start - 900_000, 999_500];
		store.write("meter", meter.serial);
		store.write("power", JSON.stringify([...account, start - 43_200_000, 250, 3, start - 43_200_000, 700, 5, 4200, 0]));
		const rig = boot([meter], store);
		sendRound(rig);
		expect(rig.firmware.meters[0].account).toMatchObject({ limit: 3000, peak: 4200 });
		expect(rig.firmware.meters[0].account!.month.exceeded).toBeGreaterThanOrEqual(0);
		expect(rig.firmware.meters[0].slot).toBe(0);
	});

	test("for another meter in the same place does not count", () => {
		const store = createFakeStore();
		const meters = createMeters(2);
		store.write("meter", meters[1].serial);
		store.write(
			"power",
			JSON.stringify([1, 3000, meters[0].serial, null, null, null, 0, null, 0, 9, 9, 0, 9, 9, 9, 9]),
		);
		const rig = boot([meters[1]], store);
		sendRound(rig);
		expect(rig.firmware.meters[0].account).toMatchObject({ peak: null });
	});
});

describe("what the pages show", () => {
	const shown = ({ firmware }: Rig) => {
		const list = listLatest(firmware);
		return list.map(latest => firmware.meters.find(meter => meter.latest === latest)?.name ?? latest.meter);
	};

	test("is the line before the first telegram, and then its meters", () => {
		const rig = boot(createMeters(2));
		const [first, second] = rig.meters;
		expect(shown(rig)).toEqual([null]);
		sendRound(rig, [first]);
		expect(shown(rig)).toEqual([first.serial]);
		sendRound(rig);
		expect(shown(rig)).toEqual([first.serial, second.serial]);
		const again = boot(rig.meters, rig.world.store, rig.time);
		expect(shown(again)).toEqual([null]);
		const one = boot([first]);
		sendRound(one);
		// Its name is known before it sends.
		expect(shown(boot([first], one.world.store, one.time))).toEqual([first.serial]);
	});

	test("has a meter that fell silent, and not one that was replaced", () => {
		const rig = boot(createMeters(3));
		const [first, second, third] = rig.meters;
		for (let round = 0; round < 3; round += 1) sendRound(rig, [first, second]);
		for (let round = 0; round < 8; round += 1) sendRound(rig, [second]);
		expect([statusOf(rig, first), shown(rig)]).toEqual(["offline", [first.serial, second.serial]]);
		for (let round = 0; round < 3; round += 1) sendRound(rig, [second, third]);
		expect(shown(rig)).toEqual([second.serial, third.serial]);
	});
});

describe("a meter that was replaced", () => {
	test("is offline on its old topics, and the new one has topics of its own", () => {
		const rig = boot(createMeters(2));
		const [before, after] = rig.meters;
		for (let round = 0; round < 3; round += 1) sendRound(rig, [before]);
		for (let round = 0; round < 5; round += 1) sendRound(rig, [after]);
		expect(statusOf(rig, before)).toBe("offline");
		expect(statusOf(rig, after)).toBe("online");
		expect(received(rig, `smarty/${after.serial}/state`)).toHaveLength(5);
		// After a restart as well, in which only the new one is heard.
		const again = boot(rig.meters, rig.world.store, rig.time);
		again.world.broker.retained.set(`smarty/${before.serial}/status`, "online");
		for (let round = 0; round < 5; round += 1) sendRound(again, [after]);
		expect(statusOf(again, before)).toBe("offline");
		expect(statusOf(again, after)).toBe("online");
	});

	test("gives its place to a seventh meter, which is not read while all six send", () => {
		const meters = createMeters(7);
		const rig = boot(meters);
		for (let round = 0; round < 3; round += 1) sendRound(rig);
		expect(rig.firmware.meters).toHaveLength(6);
		expect(rig.firmware.refused).toBe(3);
		expect(received(rig, `smarty/${meters[6].serial}/state`)).toHaveLength(0);
		for (let round = 0; round < 6; round += 1) sendRound(rig, meters.slice(1));
		expect(received(rig, `smarty/${meters[6].serial}/state`).length).toBeGreaterThanOrEqual(1);
		expect(rig.firmware.meters.map(({ name }) => name)).not.toContain(meters[0].serial);
		expect(statusOf(rig, meters[0])).toBe("offline");
		expect(rig.world.store.read("meter")).toBe(meters[6].serial);
	});
});

describe("a meter without a serial number", () => {
	const frame = (lines: string[], changes: Partial<Sealing> = {}) =>
		seal(textBytes(telegramOf(lines)), { key, ...changes });
	const energy = "1-0:1.8.0(000123.456*kWh)";
	const send = ({ world }: Rig, bytes: Uint8Array) => {
		world.receive(bytes, bytes.length, null);
		world.clock.pass(5_000);
	};
	const names = ({ world }: Rig) =>
		[...new Set(world.broker.received.map(({ topic }) => topic))].filter(topic => topic.endsWith("/state"));

	test.each([
		["its equipment identifier", ["0-0:96.1.1(4B414C37303035303633)", energy], "KAL"],
		["the other equipment identifier", ["0-0:96.1.0(4B414C37303035303633)", energy], "KAL"],
		["its system title", [energy], "5341476770000001"],
	])("is called by %s", (_, lines, name) => {
		const rig = boot([]);
		send(rig, frame(lines));
		expect(names(rig)).toHaveLength(1);
		expect(names(rig)[0]).toContain(`smarty/${name}`);
	});

	test("and without any other name, by the reader's with the number of the line", () => {
		const rig = boot([]);
		send(rig, textBytes(telegramOf([energy])));
		expect(names(rig)).toEqual([`smarty/${reader}-1/state`]);
	});

	test("two of them never share a topic", () => {
		const rig = boot([]);
		const titles = ["5341476770000001", "5341476770000002"];
		for (let round = 1; round <= 3; round += 1) {
			for (const title of titles) send(rig, frame([energy], { systemTitle: bytesOf(title), frameCounter: round }));
			for (const id of ["41", "42"]) send(rig, textBytes(telegramOf([`0-0:96.1.1(${id})`, energy])));
		}
		expect(names(rig).sort()).toEqual(["A", "B", ...titles].map(name => `smarty/${name}/state`).sort());
		expect(rig.world.broker.connections).toHaveLength(1);
		expectGood(rig);
	});

	test("its time is the reader's own where it tells none, and the message says so", () => {
		const rig = boot([]);
		rig.world.clock.setTime(start);
		send(rig, frame([energy]));
		const [state] = received(rig, "smarty/5341476770000001/state").map(({ payload }) => JSON.parse(payload));
		expect(state).toMatchObject({ clock: "reader", time: expect.stringMatching(/^2026-06-01T10:0/) });
	});
});

test("telegrams in which nothing is known are a state of their own, which is not ok", () => {
	const rig = boot([]);
	const bytes = textBytes(telegramOf(["9-9:99.99.9(1)", "8-8:88.8.8(2)"]));
	rig.world.receive(bytes, bytes.length, null);
	rig.world.clock.pass(1_000);
	const last = () => JSON.parse(received(rig, `smarty/${reader}/diagnostics`).at(-1)!.payload).meters;
	expect(last()).toMatchObject([{ state: "notUnderstood" }]);
	sendRound({ ...rig, meters: createMeters(1) });
	expect(rig.firmware.lines[0]!.health.state).toBe("ok");
});

test("while no telegram comes, status and diagnostics say why", () => {
	const rig = boot([]);
	const hdlc = bytesOf("7EA0210002002303999AE6E700C4018100090C07E4".padEnd(200, "0"));
	for (let round = 0; round < 10; round += 1) {
		rig.world.receive(hdlc, hdlc.length, null);
		rig.world.clock.pass(10_000);
	}
	const [entry] = JSON.parse(received(rig, `smarty/${reader}/diagnostics`).at(-1)!.payload).meters;
	expect(entry).toMatchObject({ name: null, explanation: "hdlc" });
	rig.world.printed.length = 0;
	rig.world.type("status");
	expect(rig.world.printed.join("\n")).toContain("this is DLMS in HDLC frames");
	sendRound({ ...rig, meters: createMeters(1) });
	rig.world.printed.length = 0;
	rig.world.type("status");
	expect(rig.world.printed.join("\n")).not.toContain("HDLC");
});
