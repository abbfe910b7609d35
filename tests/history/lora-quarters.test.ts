/** Quarter hours that go over LoRa, beside what goes to the broker. */
import { expect, test } from "vitest";
import { addReading, type History, openHistory, writeDue } from "../../modules/history/history.js";
import { createLoraQuarters, endLora, peekLora, takeLora } from "../../modules/history/lora-quarters.js";
import type { LoraQuarters } from "../../modules/history/quarters.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash, type FakeFlash } from "../support/fake-flash.js";
import { PowerCut } from "../support/fake-ports.js";
import { createHouseholdStream, type HouseholdStream } from "../support/household-stream.js";

interface Both {
	history: History;
	lora: LoraQuarters;
}

function open(flash: FakeFlash): Both {
	const history = openHistory(flash, "smarty");
	return { history, lora: createLoraQuarters(history.quarters!) };
}

/** A quarter hour passes; the broker is away. Its number. */
function live({ history }: Both, house: HouseholdStream, awaitsLora = true): number {
	const sequence = addReading(history, house.next(900), house.serial, awaitsLora);
	writeDue(history);
	history.giveBack(sequence);
	return Math.floor(house.time / 900);
}

/** What is taken in one go, up to `most`. */
function take({ history, lora }: Both, most: number): number[] {
	const found: number[] = [];
	while (found.length < most) {
		let next = peekLora(history.quarters!, lora);
		while (next === null && lora.pending) next = peekLora(history.quarters!, lora);
		if (next === null) break;
		found.push(next.quarter);
		takeLora(lora);
	}
	return found;
}

function end({ history, lora }: Both, arrived: boolean): void {
	endLora(history.quarters!, lora, arrived);
}

function drainBroker({ history }: Both): number {
	let count = 0;
	for (let late = history.takeLate(); late !== null; late = history.takeLate()) {
		history.settle(late.sequence!);
		count += 1;
	}
	return count;
}

test("come oldest first, each once, and again where they did not arrive", () => {
	const flash = createFakeFlash(8, createChance(1));
	const house = createHouseholdStream(createChance(2), "SAG1");
	const both = open(flash);
	const lived = Array.from({ length: 80 }, () => live(both, house));
	expect(take(both, 10)).toEqual(lived.slice(0, 10));
	end(both, false);
	expect(take(both, 12)).toEqual(lived.slice(0, 12));
	end(both, true);
	const more = live(both, house);
	expect(take(both, 200)).toEqual([...lived.slice(12), more]);
	end(both, true);
	expect(take(both, 200)).toEqual([]);
	expect(both.lora.delivered).toBe(81);
	const last = live(both, house);
	// After a restart, too.
	expect(take(open(flash), 200)).toEqual([last]);
});

test("do not disturb what goes to the broker, nor the other way round", () => {
	const flash = createFakeFlash(8, createChance(1));
	const house = createHouseholdStream(createChance(2), "SAG1");
	const both = open(flash);
	const lived = Array.from({ length: 30 }, () => live(both, house));
	expect(take(both, 20)).toHaveLength(20);
	end(both, true);
	expect(drainBroker(open(flash))).toBe(30);
	const after = open(flash);
	expect(take(after, 99)).toEqual(lived.slice(20));
	end(after, true);
	expect(drainBroker(open(flash))).toBe(0);
	expect(take(open(flash), 99)).toEqual([]);
});

test("are those that were written for it, and of no other meter", () => {
	const flash = createFakeFlash(8, createChance(1));
	const [own, other] = [1, 2].map(at => createHouseholdStream(createChance(at), `SAG${at}`));
	const both = open(flash);
	const lived: number[] = [];
	for (let round = 0; round < 20; round += 1) {
		lived.push(live(both, own!));
		live(both, other!, false);
	}
	expect(take(both, 99)).toEqual(lived);
});

test("that have to go for newer ones are counted, and what follows still comes", () => {
	const flash = createFakeFlash(3, createChance(1));
	const house = createHouseholdStream(createChance(2), "SAG1");
	const both = open(flash);
	const lived: number[] = [];
	for (let round = 0; round < 400; round += 1) {
		lived.push(live(both, house));
		// Now and then something is under way or was looked at while its sector goes.
		if (round === 50) take(both, 5);
		if (round === 60) peekLora(both.history.quarters!, both.lora);
	}
	end(both, false);
	const found = take(both, 999);
	expect(found.length).toBeGreaterThan(40);
	expect(found).toEqual(lived.slice(-found.length));
	expect(both.lora.lost).toBe(400 - found.length);
});

test("survive a power cut in any operation: none is lost, and what came twice was not marked", () => {
	for (let cutIn = 1; cutIn <= 90; cutIn += 1) {
		const flash = createFakeFlash(6, createChance(cutIn));
		const house = createHouseholdStream(createChance(cutIn), "SAG1");
		const lived: number[] = [];
		const arrived: number[] = [];
		flash.cutIn = cutIn;
		let both = open(flash);
		let cuts = 0;
		for (let round = 0; round < 40; round += 1) {
			try {
				lived.push(live(both, house));
				if (round % 6 !== 5) continue;
				arrived.push(...take(both, 99));
				end(both, true);
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
			}
			if (flash.cutIn > 0 || cuts > 0) continue;
			cuts += 1;
			both = open(flash);
		}
		arrived.push(...take(both, 99));
		// What the cut came in while it was written may be missing.
		const missing = lived.filter(quarter => !arrived.includes(quarter));
		expect(missing.length, `${cutIn}`).toBeLessThanOrEqual(1);
		expect(arrived.filter(quarter => !lived.includes(quarter)).length, `${cutIn}`).toBeLessThanOrEqual(1);
	}
});
