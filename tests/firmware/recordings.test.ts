/** What somebody recorded and plays again is not believed, over restarts and power cuts. */
import { describe, expect, test } from "vitest";
import { stopFirmware } from "../../modules/firmware/firmware.js";
import { readMeter, renewKey } from "../../simulator/meter.js";
import { telegramOf } from "../support/checksum.js";
import { createFakeStore } from "../support/fake-ports.js";
import {
	bootHouse,
	createHouseMeter,
	type House,
	keyText,
	live,
	play,
	record,
	start,
	statesOf,
} from "../support/house.js";
import { seal } from "../support/sealer.js";
import { bytesOf, textBytes } from "../support/vectors.js";

const day = 86_400_000;
const serial = createHouseMeter().serial;

function times(house: House): string[] {
	return statesOf(house, serial).map(({ time }) => String(time));
}

function replays({ firmware }: House): number {
	return firmware.lines[0]!.tally.faults.replay;
}

/** A meter that was recorded 300 days ago, and has been read since. */
function readForAWhile(rounds = 130, changes: Record<string, string> = {}) {
	const meter = createHouseMeter({}, start - 300 * day);
	const recorded = record(meter, start - 300 * day, 8);
	readMeter(meter, start - 10_000);
	const before = bootHouse(createFakeStore(), changes);
	live(before, meter, rounds);
	return { meter, recorded, before };
}

describe("recordings of 300 days ago", () => {
	test.each(["power cut", "restart"])("are refused after a %s and minutes without the meter", way => {
		const { meter, recorded, before } = readForAWhile();
		if (way === "restart") {
			before.world.type("restart");
			before.world.clock.pass(2_000);
			expect(before.world.restarts).toBe(1);
		}
		const after = bootHouse(before.world.store, {}, before.time + 600_000);
		after.world.clock.pass(300_000);
		for (const bytes of recorded) play(after, bytes, 10_000);
		expect(times(after)).toEqual([]);
		expect(replays(after)).toBe(recorded.length);
		live(after, meter, 3);
		expect(times(after)).toHaveLength(3);
	});

	test("are refused whatever the policy, with a broken tag as well", () => {
		for (const authentication of ["automatic", "prefer", "required"]) {
			const { recorded, before } = readForAWhile(20, { authentication });
			const after = bootHouse(before.world.store, { authentication }, before.time);
			after.world.clock.pass(300_000);
			for (const bytes of recorded) {
				play(after, bytes, 10_000);
				const broken = bytes.slice();
				broken[broken.length - 1]! ^= 1;
				play(after, broken, 10_000);
			}
			expect(times(after), authentication).toEqual([]);
		}
	});

	test("are refused also where the board has no clock of its own and the store was written by six meters", () => {
		const meters = Array.from({ length: 6 }, (_, at) =>
			createHouseMeter({ systemTitle: bytesOf(`534147677000000${at + 1}`) }, start - 300 * day),
		);
		const recorded = meters.map(meter => record(meter, start - 300 * day, 4));
		const before = bootHouse();
		for (let round = 0; round < 3; round += 1) for (const meter of meters) live(before, meter, 1);
		const after = bootHouse(before.world.store, {}, before.time);
		after.world.clock.pass(120_000);
		for (const frames of recorded) for (const bytes of frames) play(after, bytes, 3_000);
		expect(after.firmware.meters).toEqual([]);
		expect(replays(after)).toBe(24);
	});
});

describe("what is open", () => {
	test("is nothing after a planned restart", () => {
		const meter = createHouseMeter();
		const before = bootHouse();
		live(before, meter, 9);
		const last = record(meter, before.time, 1)[0]!;
		play(before, last, 1_000);
		before.world.type("restart");
		before.world.clock.pass(2_000);
		const after = bootHouse(before.world.store, {}, before.time);
		after.world.clock.pass(120_000);
		play(after, last);
		expect(times(after)).toEqual([]);
		expect(replays(after)).toBe(1);
	});

	test("is nothing after a gateway was stopped", () => {
		const meter = createHouseMeter();
		const before = bootHouse();
		live(before, meter, 9);
		const last = record(meter, before.time, 1)[0]!;
		play(before, last, 1_000);
		let isStopped = false;
		stopFirmware(before.firmware, () => {
			isStopped = true;
		});
		before.world.clock.pass(2_000);
		expect(isStopped).toBe(true);
		const after = bootHouse(before.world.store, {}, before.time);
		play(after, last);
		expect(replays(after)).toBe(1);
	});

	test("is a quarter of an hour at most after a power cut, and each costs one write a quarter hour", () => {
		const meter = createHouseMeter();
		const before = bootHouse();
		const frames: Uint8Array[] = [];
		const writes: number[] = [];
		const { store } = before.world;
		const write = store.write.bind(store);
		store.write = (name, value) => {
			if (name === "counter") writes.push(before.world.clock.now());
			write(name, value);
		};
		for (let round = 0; round < 6 * 120 + 89; round += 1) {
			const { bytes } = readMeter(meter, before.time);
			frames.push(bytes);
			play(before, bytes, 10_000);
			before.time += 10_000;
		}
		// 134 minutes and 50 seconds, which is 9 quarter hours begun, and one write more when the policy has ten good tags.
		expect(writes.length).toBeLessThanOrEqual(10);
		// Each played alone to a board that booted from what is stored.
		const isBelieved = (at: number) => {
			const after = bootHouse(createFakeStore(new Map(store.values)), {}, before.time);
			after.world.clock.pass(70_000);
			play(after, frames[at]!);
			return after.firmware.lines[0]!.tally.counters.telegrams === 1;
		};
		const last = frames.length - 1;
		for (let at = 0; at <= last - 90; at += 60) expect(isBelieved(at), String(at)).toBe(false);
		expect(isBelieved(last - 90)).toBe(false);
		expect(isBelieved(last)).toBe(true);
	});
});

test("a stored counter that is damaged, or of another form, counts as none", () => {
	const meter = createHouseMeter();
	const before = bootHouse();
	live(before, meter, 3);
	const good = before.world.store.read("counter")!;
	for (const text of ["", "{", "[]", "[1]", "null", good.slice(0, -3), good.replace(/\d{2,}/, "-5"), `${good}x`]) {
		const store = createFakeStore(new Map(before.world.store.values));
		store.values.set("counter", text);
		const after = bootHouse(store, {}, before.time);
		live(after, meter, 2);
		expect([after.firmware.exceptions, times(after).length], text).toEqual([0, 2]);
	}
});

test("a store that cannot be written costs the memory and not the readings", () => {
	const meter = createHouseMeter();
	const house = bootHouse();
	house.world.store.write = () => {
		throw new Error("worn out");
	};
	live(house, meter, 3);
	expect(times(house)).toHaveLength(3);
	expect(house.firmware.exceptions).toBeGreaterThan(0);
});

test("no key is in what is stored", () => {
	const house = bootHouse();
	live(house, createHouseMeter(), 3);
	expect(house.world.store.read("counter")).not.toBeNull();
	for (const value of house.world.store.values.values()) expect(value.toUpperCase()).not.toContain(keyText.slice(0, 8));
});

test("a meter whose key was renewed is read from its first frame on, once the new key is set", () => {
	const meter = createHouseMeter({ frameCounter: 5_000 });
	const before = bootHouse();
	live(before, meter, 12);
	const renewed = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
	renewKey(meter, bytesOf(renewed));
	const after = bootHouse(before.world.store, { key: renewed }, before.time);
	live(after, meter, 3);
	expect(statesOf(after, serial).map(({ frame_counter }) => frame_counter)).toEqual([0, 1, 2]);
	// And what was recorded under the old key does not open.
	expect(replays(after)).toBe(0);
});

test("a meter that is forgotten leaves no counter", () => {
	const house = bootHouse();
	live(house, createHouseMeter(), 3);
	house.world.clock.pass(120_000);
	house.world.type(`forget ${serial}`);
	house.world.clock.pass(1_000);
	expect(house.world.store.read("counter")).toBeNull();
});

describe("counters that do not rise as they should", () => {
	const sealed = (frameCounter: number, clock: string | null) =>
		seal(textBytes(telegramOf([...(clock === null ? [] : [`0-0:1.0.0(${clock})`]), "1-0:1.8.0(000123.456*kWh)"])), {
			key: bytesOf(keyText),
			frameCounter,
		});
	const state = ({ firmware }: House) => firmware.lines[0]!.health.state;
	const status = ({ world }: House) => {
		world.printed.length = 0;
		world.type("status");
		return world.printed.join("\n");
	};
	const clockAt = (second: number) => `2606011200${String(second).padStart(2, "0")}S`;

	test("a counter that never rises: the state says so, and so does status with what to type", () => {
		const house = bootHouse();
		for (let at = 0; at < 12; at += 1) play(house, sealed(7, clockAt(at)), 10_000);
		expect(house.firmware.lines[0]!.tally.counters.telegrams).toBe(1);
		expect(state(house)).toBe("replay");
		expect(status(house)).toContain("set authentication off");
		const diagnostics = JSON.parse(
			house.world.broker.received.filter(({ topic }) => topic.endsWith("/diagnostics")).at(-1)!.payload,
		);
		expect(diagnostics.meters[0]).toMatchObject({ state: "replay", explanation: "replay" });
		const off = bootHouse(house.world.store, { authentication: "off" }, house.time);
		for (let at = 0; at < 12; at += 1) play(off, sealed(7, clockAt(at)), 10_000);
		expect([off.firmware.lines[0]!.tally.counters.telegrams, state(off)]).toEqual([12, "ok"]);
	});

	test("a wrap at FFFFFFFF costs two telegrams, over a restart as well", () => {
		const house = bootHouse();
		for (let at = 0; at < 3; at += 1) play(house, sealed(0xfffffffd + at, clockAt(at)), 10_000);
		house.world.type("restart");
		house.world.clock.pass(2_000);
		const after = bootHouse(house.world.store);
		for (let at = 0; at < 5; at += 1) play(after, sealed(at, clockAt(10 + at)), 10_000);
		expect([after.firmware.lines[0]!.tally.counters.telegrams, replays(after)]).toEqual([3, 2]);
	});

	test("a meter without a clock: a lower counter is never believed, because nothing tells it from a recording", () => {
		const house = bootHouse();
		for (let at = 0; at < 3; at += 1) play(house, sealed(100 + at, null), 10_000);
		house.world.type("restart");
		house.world.clock.pass(2_000);
		const after = bootHouse(house.world.store);
		for (let at = 0; at < 12; at += 1) play(after, sealed(at, null), 10_000);
		expect([after.firmware.lines[0]!.tally.counters.telegrams, replays(after), state(after)]).toEqual([
			0,
			12,
			"replay",
		]);
		play(after, sealed(103, null), 10_000);
		expect(after.firmware.lines[0]!.tally.counters.telegrams).toBe(1);
	});

	test("and its counter is written once per quarter hour of the reader's own time", () => {
		const house = bootHouse();
		for (let at = 0; at < 200; at += 1) play(house, sealed(100 + at, null), 10_000);
		const kept = JSON.parse(house.world.store.read("counter")!) as unknown[];
		expect(kept).toContain("5341476770000001");
		const counter = kept.find(value => typeof value === "number" && value >= 100 && value < 300) as number;
		expect(299 - counter).toBeLessThanOrEqual(90);
	});
});

test("a meter whose clock was set back while the board was off is believed a minute after the boot", () => {
	const meter = createHouseMeter();
	const before = bootHouse();
	live(before, meter, 12);
	const after = bootHouse(before.world.store, {}, before.time - 3_600_000);
	live(after, meter, 12);
	expect(times(after)).toHaveLength(6);
	expect(replays(after)).toBe(0);
});
