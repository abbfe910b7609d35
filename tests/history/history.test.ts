/** Tests of `modules/history/history.ts`. */
import { describe, expect, test } from "vitest";
import { addReading, type History, openHistory, writeDue } from "../../modules/history/history.js";
import type { QueuedMessage } from "../../modules/uplink/outbox.js";
import { type Chance, createChance } from "../support/chance.js";
import { createFakeFlash, type FakeFlash } from "../support/fake-flash.js";
import { PowerCut } from "../support/fake-ports.js";
import { createHouseholdStream, type HouseholdStream } from "../support/household-stream.js";
import { joinPieces } from "../support/pieces.js";

/** A reading comes and the broker is away. */
function miss(history: History, house: HouseholdStream, seconds = 10): number {
	const sequence = addReading(history, house.next(seconds), house.serial);
	writeDue(history);
	history.giveBack(sequence);
	return house.time;
}

function timeOf(parcel: QueuedMessage): number {
	return Date.parse(JSON.parse(joinPieces(parcel.payload)).time) / 1_000;
}

/** The broker takes everything. */
function drain(history: History): QueuedMessage[] {
	const parcels: QueuedMessage[] = [];
	for (let parcel = history.takeLate(); parcel !== null; parcel = history.takeLate()) {
		parcels.push(parcel);
		history.settle(parcel.sequence!);
	}
	return parcels;
}

function openWith(flash: FakeFlash): History {
	return openHistory(flash, "smarty");
}

describe("a broker that is away", () => {
	test("for half an hour costs nothing: every reading comes late, once, in order, on its own topic", () => {
		const chance = createChance(1);
		const history = openWith(createFakeFlash(24, chance));
		const house = createHouseholdStream(chance);
		const times = Array.from({ length: 180 }, () => miss(history, house));
		const parcels = drain(history);
		expect(parcels.map(timeOf)).toEqual(times);
		expect(new Set(parcels.map(({ topic }) => topic))).toEqual(new Set(["smarty/SAG1030700114004/history"]));
		expect(parcels.every(({ quality, retain, late }) => quality === 1 && !retain && late)).toBe(true);
		expect(drain(history)).toEqual([]);
	});

	test("for nine days leaves a reading for each quarter of an hour, and the last hour whole", () => {
		const chance = createChance(2);
		const history = openWith(createFakeFlash(28, chance));
		const house = createHouseholdStream(chance);
		const times: number[] = [];
		for (let round = 0; round < 9 * 8_640; round++) times.push(miss(history, house));
		const found = drain(history).map(timeOf);
		expect(found).toEqual([...found].sort((one, other) => one - other));
		expect(new Set(found).size).toBe(found.length);
		const hour = times.slice(-360);
		expect(found.slice(-360)).toEqual(hour);
		const week = times.filter(time => time > house.time - 7 * 86_400);
		const firsts = week.filter((time, at) => at > 0 && Math.floor(time / 900) !== Math.floor(week[at - 1]! / 900));
		for (const first of firsts) expect(found).toContain(first);
		expect(firsts.length).toBe(7 * 96);
	});

	test("for longer than the board's flash has room for leaves the last 13 days", () => {
		const chance = createChance(14);
		const history = openWith(createFakeFlash(36, chance));
		const house = createHouseholdStream(chance);
		const times = Array.from({ length: 40 * 96 }, () => miss(history, house, 900));
		const found = drain(history).map(timeOf);
		expect(found).toEqual(times.slice(-found.length));
		expect(found.length).toBeGreaterThanOrEqual(13 * 96);
		expect(history.quarters!.lost).toBe(times.length - found.length);
	});

	test("the values are those of the meter", () => {
		const chance = createChance(3);
		const history = openWith(createFakeFlash(24, chance));
		const house = createHouseholdStream(chance);
		const imports = new Map<number, number>();
		for (let round = 0; round < 1_000; round++) {
			const telegram = house.next(10);
			imports.set(house.time, telegram.readings.values[0]! / 1_000);
			const sequence = addReading(history, telegram, house.serial);
			writeDue(history);
			history.giveBack(sequence);
		}
		const parcels = drain(history);
		expect(parcels.length).toBeGreaterThan(390);
		for (const parcel of parcels) {
			expect(JSON.parse(joinPieces(parcel.payload)).active_energy_import).toBe(imports.get(timeOf(parcel)));
		}
	});
});

test("what was delivered at once is not delivered again, not even after a restart", () => {
	const chance = createChance(4);
	const flash = createFakeFlash(24, chance);
	const history = openWith(flash);
	const house = createHouseholdStream(chance);
	for (let round = 0; round < 1_000; round++) {
		const sequence = addReading(history, house.next(10), house.serial);
		writeDue(history);
		history.settle(sequence);
	}
	expect(drain(history)).toEqual([]);
	expect(drain(openWith(flash))).toEqual([]);
	expect(history.quarters!.archive.writes).toBeGreaterThan(11);
});

test("what was given back comes again, in order", () => {
	const chance = createChance(5);
	const flash = createFakeFlash(24, chance);
	let history = openWith(flash);
	const house = createHouseholdStream(chance);
	for (let round = 0; round < 2_000; round++) miss(history, house);
	history = openWith(flash);
	for (let round = 0; round < 10; round++) miss(history, house);
	const first = [history.takeLate()!, history.takeLate()!, history.takeLate()!, history.takeLate()!];
	history.settle(first[1]!.sequence!);
	for (const parcel of [...first].reverse()) history.giveBack(parcel.sequence!);
	const times = drain(history).map(timeOf);
	expect(times.slice(0, 3)).toEqual([first[0]!, first[2]!, first[3]!].map(timeOf));
	expect(times).toEqual([...times].sort((one, other) => one - other));
});

describe("restarts", () => {
	test("at any time keep the quarters of an hour, and nothing is delivered twice", () => {
		const chance = createChance(6);
		const flash = createFakeFlash(24, chance);
		const house = createHouseholdStream(chance);
		let history = openWith(flash);
		const quarters = new Set<number>();
		const found: number[] = [];
		for (let round = 0; round < 20_000; round++) {
			const time = miss(history, house);
			quarters.add(Math.floor(time / 900));
			if (chance.integer(0, 300) === 0) history = openWith(flash);
			if (chance.integer(0, 1_500) === 0) found.push(...drain(history).map(timeOf));
		}
		found.push(...drain(openWith(flash)).map(timeOf));
		expect(new Set(found).size).toBe(found.length);
		expect(new Set(found.map(time => Math.floor(time / 900)))).toEqual(quarters);
	});

	test("a meter that replaces another in the middle of a quarter of an hour has one of its own", () => {
		const chance = createChance(7);
		const flash = createFakeFlash(8, chance);
		const house = createHouseholdStream(chance);
		let history = openWith(flash);
		const add = (meter: string) => {
			history.giveBack(addReading(history, house.next(10), meter));
			writeDue(history);
		};
		add("OLD");
		while (Math.floor(house.time / 900) === Math.floor((house.time + 600) / 900)) add("OLD");
		add("NEW");
		add("NEW");
		history = openWith(flash);
		add("NEW");
		expect(history.quarters!.archive.writes).toBe(0);
		history = openWith(flash);
		expect(drain(history).map(({ topic }) => topic)).toContain("smarty/NEW/history");
	});

	test("another meter's readings stay its own", () => {
		const chance = createChance(7);
		const flash = createFakeFlash(24, chance);
		let history = openWith(flash);
		const old = createHouseholdStream(chance, "OLD1");
		for (let round = 0; round < 500; round++) miss(history, old);
		const fresh = createHouseholdStream(chance, "NEW2", old.time + 60);
		for (let round = 0; round < 500; round++) miss(history, fresh);
		history = openWith(flash);
		const parcels = drain(history);
		expect(parcels.length).toBe(13);
		for (const { topic, payload } of parcels) {
			const old = JSON.parse(joinPieces(payload)).time < new Date(fresh.time * 1_000 - 5_000_000).toISOString();
			expect(topic).toBe(old ? "smarty/OLD1/history" : "smarty/NEW2/history");
			expect(JSON.parse(joinPieces(payload)).serial).toBe(old ? "OLD1" : "NEW2");
		}
	});
});

/** One reading to a power cut: what flash had before it must still be there, and the new one is whole or not there. */
function runToCut(flash: FakeFlash, house: HouseholdStream, chance: Chance, quarters: number): number[] {
	const written: number[] = [];
	const history = openWith(flash);
	for (let round = 0; round < quarters; round++) {
		try {
			const time = miss(history, house, 900);
			written.push(time);
		} catch (error) {
			if (!(error instanceof PowerCut)) throw error;
			return written;
		}
		if (chance.integer(0, 3) === 0) {
			try {
				for (const parcel of drain(history)) written.splice(written.indexOf(timeOf(parcel)), 1);
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
				return written;
			}
		}
	}
	return written;
}

test("the power is cut in every write and every erase: nothing that was kept is lost, nothing false appears", () => {
	for (let seed = 1; seed <= 150; seed++) {
		const chance = createChance(seed);
		const flash = createFakeFlash(5, chance);
		const house = createHouseholdStream(chance);
		const all = new Set<number>();
		const next = house.next;
		house.next = seconds => {
			const telegram = next(seconds);
			all.add(house.time);
			return telegram;
		};
		runToCut(flash, house, chance, chance.integer(0, 60));
		flash.cutIn = chance.integer(1, 12);
		runToCut(flash, house, chance, 20);
		flash.cutIn = 0;
		// After the cut the next boot finds a log that it can go on with.
		const history = openWith(flash);
		const before = drain(history).map(timeOf);
		for (const time of before) expect(all.has(time), `seed ${seed}: ${time}`).toBe(true);
		expect(before, `seed ${seed}`).toEqual([...before].sort((one, other) => one - other));
		const times = Array.from({ length: 10 }, () => miss(history, house, 900));
		expect(drain(openWith(flash)).map(timeOf), `seed ${seed}`).toEqual(times);
	}
});

test("a cut loses at most the reading that was being written", () => {
	for (let seed = 1; seed <= 150; seed++) {
		const chance = createChance(seed);
		const flash = createFakeFlash(8, chance);
		const house = createHouseholdStream(chance);
		const kept: number[] = [];
		let history = openWith(flash);
		const count = chance.integer(1, 100);
		for (let round = 0; round < count; round++) kept.push(miss(history, house, 900));
		flash.cutIn = chance.integer(1, 4);
		let written: number | null = null;
		for (let round = 0; round < 4; round++) {
			try {
				kept.push(miss(history, house, 900));
			} catch {
				written = house.time;
				break;
			}
		}
		flash.cutIn = 0;
		history = openWith(flash);
		const found = drain(history).map(timeOf);
		// The cut may have come behind the last byte.
		if (written !== null && found.at(-1) === written) kept.push(written);
		expect(found, `seed ${seed}`).toEqual(kept);
	}
});

test("a bit that ages in flash costs readings, and never makes a false one", () => {
	let missing = 0;
	for (let seed = 1; seed <= 60; seed++) {
		const chance = createChance(seed);
		const flash = createFakeFlash(3, chance);
		const house = createHouseholdStream(chance);
		const history = openWith(flash);
		for (let round = 0; round < 20; round++) miss(history, house, 900);
		const whole = new Set(drain(openWith(createCopy(flash, chance))).map(({ payload }) => payload));
		expect(whole.size).toBe(20);
		flash.bytes[chance.integer(12, 3_000)]! ^= 1 << chance.integer(0, 7);
		const found = drain(openWith(flash)).map(({ payload }) => payload);
		for (const payload of found) expect(whole.has(payload), `seed ${seed}`).toBe(true);
		missing += whole.size - found.length;
	}
	// One for each bit, and all of a sector's rest only where its own header or a description is hit.
	expect(missing).toBeGreaterThan(30);
	expect(missing).toBeLessThan(360);
});

function createCopy(flash: FakeFlash, chance: Chance): FakeFlash {
	const copy = createFakeFlash(flash.sectorCount, chance);
	copy.bytes.set(flash.bytes);
	return copy;
}

test("a sector that is erased while its readings are under way is not touched by their acknowledgements", () => {
	const chance = createChance(13);
	const flash = createFakeFlash(3, chance);
	const house = createHouseholdStream(chance);
	let history = openWith(flash);
	for (let round = 0; round < 50; round++) miss(history, house, 900);
	history = openWith(flash);
	const underWay = [history.takeLate()!, history.takeLate()!, history.takeLate()!];
	const times: number[] = [];
	for (let round = 0; round < 80; round++) times.push(miss(history, house, 900));
	const before = flash.bytes.slice();
	for (const { sequence } of underWay.slice(1)) history.settle(sequence!);
	history.giveBack(underWay[0]!.sequence!);
	expect(flash.bytes).toEqual(before);
	expect(history.quarters!.lost).toBeGreaterThan(3);
	const found = drain(openWith(flash)).map(timeOf);
	expect(found.slice(-times.length)).toEqual(times);
});

test("a flash that fails costs readings, not the firmware", () => {
	const chance = createChance(8);
	const flash = createFakeFlash(24, chance);
	const history = openWith(flash);
	const house = createHouseholdStream(chance);
	const { write, erase } = flash;
	flash.write = flash.erase = () => {
		throw new Error("worn");
	};
	for (let round = 0; round < 10; round++) expect(() => miss(history, house, 900)).toThrow("worn");
	expect(history.quarters!.failures).toBe(10);
	Object.assign(flash, { write, erase });
	const times = Array.from({ length: 5 }, () => miss(history, house, 900));
	expect(drain(openWith(flash)).map(timeOf)).toEqual(times);
});

test("a meter whose description fits into no entry is counted, and is in RAM all the same", () => {
	const chance = createChance(21);
	const history = openWith(createFakeFlash(24, chance));
	const house = createHouseholdStream(chance);
	miss(history, house);
	const telegram = house.next(900);
	telegram.readings.devices = Array.from({ length: 4 }, (_, at) => ({
		type: "gas",
		id: "³".repeat(60) + at,
		channel: at + 1,
		unit: "m³",
		value: 1,
		time: null,
		valve: null,
	}));
	const sequence = addReading(history, telegram, house.serial);
	const time = house.time;
	writeDue(history);
	history.giveBack(sequence);
	expect(history.quarters!.failures).toBe(1);
	expect(history.due).toEqual([]);
	const last = miss(history, house, 900);
	expect(drain(history).map(timeOf).slice(-2)).toEqual([time, last]);
	expect(history.quarters!.failures).toBe(1);
});

describe("wear", () => {
	test("a year without a broker erases each sector alike, some 50 times", () => {
		const chance = createChance(9);
		const flash = createFakeFlash(24, chance);
		const history = openWith(flash);
		const house = createHouseholdStream(chance);
		for (let round = 0; round < 365 * 96; round++) miss(history, house, 900);
		expect(Math.max(...flash.erases) - Math.min(...flash.erases)).toBeLessThanOrEqual(1);
		expect(Math.max(...flash.erases)).toBeLessThan(60);
	});

	test("even a device that restarts in each write erases no sector a hundred times a day", () => {
		const chance = createChance(10);
		const flash = createFakeFlash(96, chance);
		const house = createHouseholdStream(chance);
		// A boot, WiFi, a telegram within ten seconds, and the supply breaks down in the write: 15 s at the least.
		for (let boot = 0; boot < 86_400 / 15; boot++) {
			flash.cutIn = chance.integer(1, 3);
			const history = openWith(flash);
			try {
				for (let round = 0; round < 3; round++) miss(history, house, 900);
			} catch {
				// The next boot.
			}
		}
		expect(Math.max(...flash.erases)).toBeLessThanOrEqual(100);
	});
});

test("without flash there is still the last hour", () => {
	const history = openHistory(null, "smarty");
	const house = createHouseholdStream(createChance(11));
	const times = Array.from({ length: 1_000 }, () => miss(history, house));
	expect(drain(history).map(timeOf).slice(-360)).toEqual(times.slice(-360));
});

test("a reading without a time is kept in RAM only", () => {
	const chance = createChance(12);
	const history = openWith(createFakeFlash(24, chance));
	const telegram = createHouseholdStream(chance).next(10);
	telegram.readings.time = null;
	history.giveBack(addReading(history, telegram, "SAG1"));
	writeDue(history);
	expect(history.quarters!.archive.writes).toBe(0);
	expect(JSON.parse(joinPieces(drain(history)[0]!.payload)).time).toBeUndefined();
});
