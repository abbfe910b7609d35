/** Telegrams without a tag, sent by somebody else in the name of a meter whose telegrams have one. */
import { describe, expect, test } from "vitest";
import { listLatest } from "../../modules/firmware/servers.js";
import type { Meter } from "../../simulator/meter.js";
import { createFakeStore } from "../support/fake-ports.js";
import {
	bootHouse,
	createHouseMeter,
	forge,
	type House,
	live,
	logOf,
	play,
	record,
	start,
	statesOf,
} from "../support/house.js";
import { bytesOf } from "../support/vectors.js";

const { serial } = createHouseMeter();
const prefer = { authentication: "prefer", powerClass: "3" };
/** The latest that is read as a date, and one that is not. */
const years = ["591231120000W", "691231120000W"];

/** The device name 0-0:42.0.0 as a meter prints it. */
function nameLine(name: string): Record<string, string> {
	return { "0-0:42.0.0": Buffer.from(name, "latin1").toString("hex").toUpperCase() };
}

function clockLine(clock: string): Record<string, string> {
	return { "0-0:1.0.0": clock };
}

function verdicts(house: House): unknown[] {
	return statesOf(house, serial).map(({ verdict }) => verdict);
}

/** Times of the meter's own state messages. */
function trueTimes(house: House): string[] {
	return statesOf(house, serial)
		.filter(({ verdict }) => verdict === "authenticated")
		.map(({ time }) => String(time));
}

function boot(meter: Meter, rounds: number, changes: Record<string, string> = prefer): House {
	const house = bootHouse(createFakeStore(), changes);
	live(house, meter, rounds);
	return house;
}

/** A frame of the meter with a damaged tag: what the key opens, and a good CRC. */
function breakTag(frame: Uint8Array): Uint8Array {
	const broken = frame.slice();
	broken[broken.length - 1]! ^= 1;
	return broken;
}

describe("a telegram in clear", () => {
	test.each(years)("dated %s keeps no true one out, before or after them, and over restarts", clock => {
		const meter = createHouseMeter();
		const house = boot(meter, 3);
		const forged = forge(meter, house.time, clockLine(clock));
		live(house, meter, 30, () => play(house, forged));
		expect(trueTimes(house)).toHaveLength(33);
		const after = bootHouse(house.world.store, prefer, house.time);
		for (let at = 0; at < 5; at += 1) play(after, forged, 1_000);
		live(after, meter, 5, () => play(after, forged));
		expect(trueTimes(after)).toHaveLength(5);
		expect(trueTimes(after)).toEqual([...trueTimes(after)].sort());
	});

	test("keeps no true one out that comes first afterwards, on a board that knows nothing yet", () => {
		const meter = createHouseMeter();
		const house = bootHouse(createFakeStore(), prefer);
		for (let at = 0; at < 5; at += 1) play(house, forge(meter, start, clockLine(years[0]!)), 1_000);
		live(house, meter, 5);
		expect(trueTimes(house)).toHaveLength(5);
	});

	test("sets no clock, before the meter's first telegram either", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 3);
		const after = bootHouse(house.world.store, prefer, house.time);
		for (const name of [serial, "SAG1030799999999"]) {
			const forged = forge(meter, house.time, { ...clockLine(years[0]!), ...nameLine(name) });
			for (let at = 0; at < 4; at += 1) play(after, forged);
		}
		expect(after.world.clock.time()).toBeNull();
		live(after, meter, 1);
		expect(new Date(after.world.clock.time()!).getUTCFullYear()).toBe(2026);
		play(after, forge(meter, after.time, clockLine(years[0]!)));
		expect(new Date(after.world.clock.time()!).getUTCFullYear()).toBe(2026);
	});

	test("does not wipe the power account, nor move it", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 200);
		const { account } = house.firmware.meters[0]!;
		const before = structuredClone(account);
		const stored = house.world.store.read("power");
		for (const clock of [...years, "260801000000S"]) {
			for (let at = 0; at < 4; at += 1) play(house, forge(meter, house.time, clockLine(clock)));
		}
		play(house, forge(meter, house.time, { "1-0:1.8.0": "000000.001*kWh" }));
		play(house, forge(meter, house.time, { "1-0:1.8.0": "011999.000*kWh" }));
		expect(account).toEqual(before);
		expect(house.world.store.read("power")).toBe(stored);
	});

	test("holds no true index back, and none of its own that leaps or falls is published", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 3);
		for (const energy of ["000000.001*kWh", "900000.000*kWh"]) {
			for (let at = 0; at < 5; at += 1) play(house, forge(meter, house.time, { "1-0:1.8.0": energy }));
			live(house, meter, 2);
		}
		const states = statesOf(house, serial);
		const forged = states.filter(({ verdict }) => verdict === "plain");
		expect(forged).toHaveLength(10);
		expect(forged.every(state => !("active_energy_import" in state))).toBe(true);
		const own = states.filter(({ verdict }) => verdict === "authenticated").map(state => state.active_energy_import);
		expect(own).toHaveLength(7);
		expect(own.every(value => typeof value === "number")).toBe(true);
		expect(own).toEqual([...own].sort((a, b) => Number(a) - Number(b)));
	});

	test("takes no turn of the true ones where only some are published", () => {
		const meter = createHouseMeter();
		const house = bootHouse(createFakeStore(), { ...prefer, publish: "60" });
		for (let round = 0; round < 60; round += 1) {
			// Just before each of them, when one is due.
			play(house, forge(meter, house.time), 1_000);
			play(house, record(meter, house.time, 1)[0]!, 9_000);
			house.time += 10_000;
		}
		// The very first is of a meter that has had no tag yet.
		expect(trueTimes(house).length).toBeGreaterThanOrEqual(9);
	});

	test("gives the meter no other identifier, no other device on its bus and no other place in the layouts of one meter", () => {
		const meter = createHouseMeter();
		const house = bootHouse(createFakeStore(), { ...prefer, layout: "json smartyreader" });
		live(house, meter, 2);
		const before = house.firmware.meters[0]!;
		const gas = {
			"0-0:96.13.0": ")\r\n0-1:24.1.0(003)\r\n0-1:96.1.0(464C4F)\r\n0-1:24.2.1(260601120000S)(00001.000*m3",
		};
		play(house, forge(meter, house.time, gas));
		expect(statesOf(house, serial).at(-1)).toHaveProperty("devices");
		expect(before).toMatchObject({ systemTitle: "534147677001BD54", equipment: null });
		expect(before.discovery?.devices).toEqual([]);
		const shown = house.world.broker.received.filter(({ topic }) => topic === "lamsmarty/timestamp");
		expect(shown).toHaveLength(2);
	});

	test("does not wear the flash, and is not delivered late", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 3);
		house.world.broker.drop();
		const { recent } = house.firmware.history;
		const before = recent.waiting;
		for (let at = 0; at < 20; at += 1) play(house, forge(meter, house.time, clockLine("260601130000S")), 10);
		expect(recent.waiting).toBe(before);
	});
});

describe("another name", () => {
	const stranger = "SAG1030799999999";
	const forgeStranger = (meter: Meter, time: number, name = stranger) => forge(meter, time, nameLine(name));

	test("is no meter before three telegrams without a tag agree, and at once with one", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 2);
		for (let at = 0; at < 2; at += 1) play(house, forgeStranger(meter, house.time));
		expect(house.firmware.meters.map(({ name }) => name)).toEqual([serial]);
		expect(house.world.store.read("meter2")).toBeNull();
		play(house, forgeStranger(meter, house.time));
		expect(house.firmware.meters.map(({ name }) => name)).toEqual([serial, stranger]);
		const other = createHouseMeter({ systemTitle: bytesOf("5341476770000009") });
		live(house, other, 1);
		expect(house.firmware.meters.map(({ name }) => name)).toEqual([serial, other.serial, stranger]);
	});

	test("a damaged name makes no meter, however often", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 2);
		for (let at = 0; at < 300; at += 1) play(house, forgeStranger(meter, house.time, `SAG10307${10_000_000 + at}`));
		expect(house.firmware.meters).toHaveLength(1);
		expect(house.firmware.newcomers.size).toBeLessThanOrEqual(8);
	});

	test("in a frame of the meter whose bits somebody changed is never another meter", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 2);
		for (let at = 0; at < 5; at += 1) {
			const [frame] = record(meter, house.time, 1);
			// The serial's last digits, and the CRC made good: the cipher is a stream, so that this needs no key.
			const changed = changeSerial(meter, frame!);
			play(house, changed, 1_000);
			house.time += 10_000;
		}
		expect(house.firmware.meters.map(({ name }) => name)).toEqual([serial]);
		expect(house.firmware.refused).toBe(5);
	});

	test("six of them do not take the place of the meter: not in memory, nor in the store, on the pages or in the layouts", () => {
		const meter = createHouseMeter();
		const house = boot(meter, 100);
		const kept = ["meter", "power", "counter"].map(name => house.world.store.read(name));
		house.world.clock.pass(120_000);
		const names = Array.from({ length: 9 }, (_, at) => `SAG10307${20_000_000 + at}`);
		for (let round = 0; round < 4; round += 1) {
			for (const name of names) play(house, forgeStranger(meter, house.time, name));
		}
		expect(["meter", "power", "counter"].map(name => house.world.store.read(name))).toEqual(kept);
		expect(house.firmware.meters[0]!.name).toBe(serial);
		expect(listLatest(house.firmware)[0]).toBe(house.firmware.meters[0]!.latest);
		// Nor after a restart, in which they are there first.
		const after = bootHouse(house.world.store, { ...prefer, layout: "json smartyreader" }, house.time + 200_000);
		for (let round = 0; round < 4; round += 1) {
			for (const name of names) play(after, forgeStranger(meter, after.time, name));
		}
		live(after, meter, 3);
		expect(trueTimes(after)).toHaveLength(3);
		expect(after.firmware.meters[0]!.name).toBe(serial);
		const shown = after.world.broker.received.filter(({ topic }) => topic === "lamsmarty/equipment_id");
		expect(shown.slice(-3).map(({ payload }) => payload)).toEqual([serial, serial, serial]);
	});

	test("a meter whose tag is good takes the slot of one of them, and none of a meter that had one and is away", () => {
		const away = createHouseMeter({ systemTitle: bytesOf("5341476770000009") });
		const store = boot(away, 2).world.store;
		const kept = ["meter", "power", "counter"].map(name => store.read(name));
		const house = bootHouse(store, prefer);
		const names = Array.from({ length: 5 }, (_, at) => `SAG10307${20_000_000 + at}`);
		for (let round = 0; round < 3; round += 1) {
			for (const name of names) play(house, forgeStranger(away, house.time, name));
		}
		const slots = () => house.firmware.bootRecord.meters;
		expect(slots()).toEqual([away.serial, ...names]);
		const meter = createHouseMeter();
		live(house, meter, 2);
		expect(slots()).toEqual([away.serial, serial, ...names.slice(1)]);
		expect(["meter", "power", "counter"].map(name => store.read(name))).toEqual(kept);
		expect(house.firmware.meters.map(({ slot }) => slot)).toEqual([1, -1, 2, 3, 4, 5]);
	});

	test("does not name a meter that sends no serial number", () => {
		const nameless = (at: number) => record(createNameless(at), start, 1)[0]!;
		const house = bootHouse(createFakeStore(), prefer);
		play(house, nameless(1));
		const { name } = house.firmware.meters[0]!;
		const after = bootHouse(house.world.store, prefer, house.time);
		for (let at = 0; at < 4; at += 1) play(after, forgeStranger(createHouseMeter(), after.time));
		play(after, nameless(2));
		expect(after.firmware.meters[0]!.name).toBe(name);
		const again = bootHouse(after.world.store, prefer, house.time);
		play(again, nameless(3));
		expect(again.firmware.meters.map(meter => meter.name)).toEqual([name]);
	});
});

describe("what only a CRC vouches for, after telegrams with a good tag", () => {
	const layout = "json values smartyreader raw";
	function watch(changes: Record<string, string> = {}) {
		const meter = createHouseMeter();
		const house = bootHouse(createFakeStore(), { ...prefer, layout, ...changes });
		live(house, meter, 3);
		play(house, breakTag(record(meter, house.time, 1)[0]!), 1_000);
		house.time += 10_000;
		return { meter, house };
	}
	const payloads = ({ world }: House, topic: string) =>
		world.broker.received.filter(message => message.topic === topic).map(({ payload }) => payload);

	test("is said by state and by values, and is one line of the log", () => {
		const { meter, house } = watch();
		expect(verdicts(house).at(-1)).toBe("crc-only");
		expect(payloads(house, `smarty/${serial}/verdict`)).toEqual([
			"authenticated",
			"authenticated",
			"authenticated",
			"crc-only",
		]);
		const said = () => logOf(house).filter(text => text.includes("crc-only"));
		expect(said()).toEqual([`${serial}: a telegram that is only crc-only, after authenticated ones`]);
		play(house, breakTag(record(meter, house.time, 1)[0]!), 1_000);
		expect(house.firmware.log.lines.find(({ text }) => text.includes("crc-only"))!.count).toBe(1);
		expect(house.firmware.meters[0]!.isUnproven).toBe(true);
	});

	test("is left out where a layout has no place to say it", () => {
		const { house } = watch();
		expect(payloads(house, "lamsmarty/timestamp")).toHaveLength(3);
		expect(payloads(house, `smarty/${serial}/telegram`)).toHaveLength(3);
	});

	test("is left out of everything where the setting asks for that", () => {
		const { meter, house } = watch({ unproven: "omit" });
		expect(verdicts(house)).toEqual(["authenticated", "authenticated", "authenticated"]);
		expect(payloads(house, `smarty/${serial}/verdict`)).toHaveLength(3);
		expect(house.firmware.refused).toBe(1);
		live(house, meter, 1);
		expect(verdicts(house)).toHaveLength(4);
	});

	test("is all there is with a meter whose tags never match, and nothing is said", () => {
		const meter = createHouseMeter({ authenticationKey: bytesOf("FFEEDDCCBBAA99887766554433221100") });
		const house = bootHouse(createFakeStore(), { layout: "json values smartyreader", powerClass: "3" });
		live(house, meter, 30);
		expect(verdicts(house)).toEqual(new Array(30).fill("crc-only"));
		expect(payloads(house, "lamsmarty/timestamp")).toHaveLength(30);
		expect(house.firmware.meters[0]!.isUnproven).toBe(false);
		expect(house.firmware.meters[0]!.account!.last).not.toBeNull();
		expect(logOf(house).join()).not.toContain("after authenticated");
		expect(house.world.store.read("counter")).toBeNull();
	});
});

/** A meter that prints no serial number. */
function createNameless(frameCounter: number): Meter {
	return { ...createHouseMeter({ frameCounter }), serial: "" };
}

/** Changes the name in a ciphered frame as somebody without the key can who knows its text, and makes the CRC good. */
function changeSerial(meter: Meter, frame: Uint8Array): Uint8Array {
	const before = forge(meter, meter.time);
	const after = forge(meter, meter.time, nameLine("SAG1030799999999"));
	const changed = frame.slice();
	const text = changed.length - 12 - before.length;
	for (let at = 0; at < before.length; at += 1) changed[text + at]! ^= before[at]! ^ after[at]!;
	return changed;
}
