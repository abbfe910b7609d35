/** Tests of `modules/history/recent.ts`. */
import { describe, expect, test } from "vitest";
import {
	addRecent,
	createRecent,
	giveBackRecent,
	holdsRecent,
	settleRecent,
	takeRecent,
} from "../../modules/history/recent.js";
import { describeShape, type Sample, takeSample } from "../../modules/history/sample.js";
import { createChance } from "../support/chance.js";
import { createHouseholdStream } from "../support/household-stream.js";

describe("the board's twelve blocks", () => {
	test.each([
		["an hour of a house with three phases in which every number changes each time", false, 360],
		["25 minutes where all numbers leap at random", true, 150],
	])("keep %s", (_, leaps, least) => {
		const chance = createChance(1);
		const house = createHouseholdStream(chance, "SAG1030700114004", 1_760_000_400, leaps);
		const recent = createRecent(12);
		const kept: Sample[] = [];
		let fewest = Infinity;
		for (let round = 0; round < 3_000; round++) {
			const telegram = house.next(10);
			const sample = takeSample(telegram);
			kept.push(sample);
			giveBackRecent(recent, addRecent(recent, describeShape(telegram), sample));
			if (recent.dropped > 0) fewest = Math.min(fewest, recent.waiting);
		}
		expect(fewest).toBeGreaterThanOrEqual(least);
		expect(recent.waiting + recent.dropped).toBe(3_000);
		const waiting = recent.waiting;
		const found: Sample[] = [];
		for (let late = takeRecent(recent); late !== null; late = takeRecent(recent)) {
			found.push(late.sample);
			settleRecent(recent, late.sequence);
		}
		expect(found).toEqual(kept.slice(-waiting));
	});
});

test("readings come in their order, whatever is settled or given back in between", () => {
	for (let seed = 1; seed <= 100; seed++) {
		const chance = createChance(seed);
		const houses = [createHouseholdStream(chance, "A"), createHouseholdStream(chance, "B")];
		const recent = createRecent(5);
		// The obvious reference: everything, by sequence number.
		const all = new Map<number, { meter: string; sample: Sample; state: "waiting" | "underWay" | "settled" }>();
		for (let step = 0; step < 300; step++) {
			const held = [...all.keys()].filter(sequence => holdsRecent(recent, sequence));
			switch (chance.integer(0, 3)) {
				case 0: {
					const telegram = chance.pick(chance.integer(0, 9) === 0 ? houses : [houses[0]!]).next(10);
					const sample = takeSample(telegram);
					const sequence = addRecent(recent, describeShape(telegram), sample);
					all.set(sequence, { meter: telegram.readings.serial!, sample, state: "underWay" });
					break;
				}
				case 1: {
					if (held.length === 0) break;
					const sequence = chance.pick(held);
					giveBackRecent(recent, sequence);
					if (all.get(sequence)!.state !== "settled") all.get(sequence)!.state = "waiting";
					break;
				}
				case 2: {
					if (held.length === 0) break;
					const sequence = chance.pick(held);
					settleRecent(recent, sequence);
					all.get(sequence)!.state = "settled";
					break;
				}
				default: {
					// Block by block, so that each meter's come in their order.
					held.sort((one, other) => one - other);
					const expected = held.find(sequence => all.get(sequence)!.state === "waiting");
					const late = takeRecent(recent);
					expect(late?.sequence).toBe(expected);
					if (late === null || expected === undefined) break;
					expect(late.sample).toEqual(all.get(expected)!.sample);
					expect(late.shape.meter).toBe(all.get(expected)!.meter);
					all.get(expected)!.state = "underWay";
				}
			}
			const waiting = [...all].filter(([sequence, { state }]) => state === "waiting" && holdsRecent(recent, sequence));
			expect(recent.waiting).toBe(waiting.length);
		}
	}
});

test("what is not held is not settled, given back or found", () => {
	const recent = createRecent(2);
	for (const sequence of [0, -1, 1, 99]) {
		settleRecent(recent, sequence);
		giveBackRecent(recent, sequence);
		expect(holdsRecent(recent, sequence)).toBe(false);
	}
	expect(takeRecent(recent)).toBeNull();
});
