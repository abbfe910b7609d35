/** Several meters share the history: its bytes in RAM, its sectors in flash. */
import { describe, expect, test } from "vitest";
import { addReading, type History, newestTime, openHistory, writeDue } from "../../modules/history/history.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash, type FakeFlash } from "../support/fake-flash.js";
import { PowerCut } from "../support/fake-ports.js";
import { createHouseholdStream, type HouseholdStream } from "../support/household-stream.js";
import { joinPieces } from "../support/pieces.js";

function createHouses(count: number, seed = 1): HouseholdStream[] {
	const chance = createChance(seed);
	return Array.from({ length: count }, (_, at) => createHouseholdStream(chance, `SAG${at + 1}`));
}

/** Each of the meters sends, and the broker is away. */
function missRound(history: History, houses: readonly HouseholdStream[], seconds = 10): void {
	for (const house of houses) {
		const sequence = addReading(history, house.next(seconds), house.serial);
		writeDue(history);
		history.giveBack(sequence);
	}
}

/** What comes late, by meter: the times of its readings in the order in which they came. */
function drain(history: History): Map<string, number[]> {
	const times = new Map<string, number[]>();
	for (let late = history.takeLate(); late !== null; late = history.takeLate()) {
		const { serial, time } = JSON.parse(joinPieces(late.payload)) as { serial: string; time: string };
		expect(late.topic).toBe(`smarty/${serial}/history`);
		times.set(serial, [...(times.get(serial) ?? []), Date.parse(time) / 1_000]);
		history.settle(late.sequence!);
	}
	return times;
}

function countErases(flash: FakeFlash): number {
	return flash.erases.reduce((sum, count) => sum + count, 0);
}

describe("the last hour in RAM", () => {
	test("n meters share the same bytes: together they keep nearly as many readings as one", () => {
		const kept = [1, 2, 3, 6].map(count => {
			const history = openHistory(null, "smarty");
			const houses = createHouses(count);
			for (let round = 0; round < 1_500; round += 1) missRound(history, houses);
			const times = drain(history);
			expect(times.size).toBe(count);
			for (const list of times.values()) {
				// The newest ones, without a gap.
				expect(list).toEqual(list.map((_, at) => list[0]! + 10 * at));
			}
			const counts = [...times.values()].map(list => list.length);
			expect(Math.min(...counts)).toBeGreaterThan(0.6 * Math.max(...counts));
			return counts.reduce((sum, length) => sum + length, 0);
		});
		for (const count of kept) expect(count).toBeGreaterThan(0.7 * kept[0]!);
	});

	test("each meter's readings come in their order, whatever came in between", () => {
		const history = openHistory(null, "smarty");
		const houses = createHouses(3);
		const chance = createChance(5);
		for (let round = 0; round < 400; round += 1) missRound(history, [chance.pick(houses)]);
		for (const list of drain(history).values()) expect(list).toEqual([...list].sort((one, other) => one - other));
	});
});

describe("quarter hours in flash", () => {
	test.each([
		[2, 10],
		[6, 2.4],
	])("of %i meters are those of %d days, as docs/topics.md says of the board", (count, days) => {
		const history = openHistory(createFakeFlash(64, createChance(14)), "smarty");
		const houses = createHouses(count);
		for (let round = 0; round < 12 * 96; round += 1) missRound(history, houses, 900);
		for (const times of drain(history).values()) expect(times.length).toBeGreaterThanOrEqual(days * 96);
	});

	test("are one of each meter, and cost a few erases a day however the meters alternate", () => {
		for (const [count, most] of [
			[1, 4],
			[2, 8],
			[6, 27],
		] as const) {
			const flash = createFakeFlash(24, createChance(count));
			const history = openHistory(flash, "smarty");
			const houses = createHouses(count);
			for (let round = 0; round < 8_640; round += 1) missRound(history, houses);
			expect(countErases(flash)).toBeLessThanOrEqual(most);
			// A sample of each quarter hour, and a description of each meter in each sector.
			expect(history.quarters!.archive.writes).toBeLessThanOrEqual(count * 97 + count * (most + 1));
			expect(history.quarters!.failures).toBe(0);
		}
	});

	test("are delivered for each meter after a restart, all of them, each once, in order", () => {
		const flash = createFakeFlash(24, createChance(3));
		const houses = createHouses(3);
		const before = openHistory(flash, "smarty");
		const expected = new Map<string, number[]>(houses.map(({ serial }) => [serial, []]));
		let quarter = -1;
		for (let round = 0; round < 3 * 360; round += 1) {
			missRound(before, houses);
			const now = Math.floor(houses[0]!.time / 900);
			if (now === quarter) continue;
			quarter = now;
			for (const { serial, time } of houses) expected.get(serial)!.push(time);
		}
		const after = openHistory(flash, "smarty");
		expect(houses.map(({ serial }) => newestTime(after, serial))).toEqual(
			houses.map(({ serial }) => expected.get(serial)!.at(-1)! * 1_000),
		);
		expect(drain(after)).toEqual(expected);
		expect(drain(after).size).toBe(0);
		// What arrived is marked: it does not come again after another restart.
		expect(drain(openHistory(flash, "smarty")).size).toBe(0);
	});

	test("of a meter that left RAM early come from flash, while the other meters' come from RAM", () => {
		const flash = createFakeFlash(24, createChance(4));
		const [quiet, busy] = createHouses(2);
		const history = openHistory(flash, "smarty");
		missRound(history, [quiet!]);
		const only = quiet!.time;
		for (let round = 0; round < 2_000; round += 1) missRound(history, [busy!]);
		const times = drain(history);
		expect(times.get(quiet!.serial)).toEqual([only]);
		const found = times.get(busy!.serial)!;
		expect(new Set(found).size).toBe(found.length);
		expect(found).toEqual([...found].sort((one, other) => one - other));
		expect(found.length).toBeGreaterThan(360);
	});

	test("survive a power cut in any operation: what is found is whole, and of the right meter", () => {
		for (let cutIn = 1; cutIn <= 120; cutIn += 1) {
			const flash = createFakeFlash(4, createChance(cutIn));
			const houses = createHouses(3, cutIn);
			const serials = houses.map(({ serial }) => serial);
			const sent = new Map(serials.map(serial => [serial, new Set<number>()]));
			flash.cutIn = cutIn;
			for (let boot = 0; boot < 3; boot += 1) {
				const history = openHistory(flash, "smarty");
				try {
					for (let round = 0; round < 60; round += 1) {
						for (const house of houses) {
							const telegram = house.next(300);
							sent.get(house.serial)!.add(house.time);
							const sequence = addReading(history, telegram, house.serial);
							writeDue(history);
							history.giveBack(sequence);
						}
					}
				} catch (error) {
					if (!(error instanceof PowerCut)) throw error;
				}
			}
			const found = drain(openHistory(flash, "smarty"));
			expect([...found.keys()].sort(), `cut ${cutIn}`).toEqual(serials);
			for (const [serial, times] of found) {
				for (const time of times) expect(sent.get(serial)!.has(time), `cut ${cutIn}`).toBe(true);
			}
		}
	});
});
