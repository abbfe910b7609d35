/** Two meters, each with a key of its own, that send on one line in turn: one search for frames, a reader each. */
import { describe, expect, test } from "vitest";
import { createFaults } from "../../modules/p1/faults.js";
import { accept, createReader, type Reader, takeLine } from "../../modules/p1/reader.js";
import { createChance } from "../support/chance.js";
import { luxembourg, seal } from "../support/sealer.js";
import { bytesOf, specificationTelegram, textBytes } from "../support/vectors.js";

const text = textBytes(specificationTelegram);
const otherKey = bytesOf("00000000000000000000000000000002");
const otherTitle = bytesOf("5341476770000002");

function openLine(): { readers: Reader[]; titles: (string | null)[][] } {
	const titles: (string | null)[][] = [[], []];
	const first = createReader({ key: luxembourg.key }, telegram => titles[0].push(telegram.systemTitle));
	const second = createReader({ key: otherKey }, telegram => titles[1].push(telegram.systemTitle), first.search);
	return { readers: [first, second], titles };
}

/** Both meters' frames with this counter. */
function frames(frameCounter: number): Uint8Array[] {
	return [seal(text, { frameCounter }), seal(text, { frameCounter, key: otherKey, systemTitle: otherTitle })];
}

test("each reader opens its own meter's frames and counts for itself", () => {
	const { readers, titles } = openLine();
	for (let round = 1; round <= 5; round += 1) {
		for (const [at, frame] of frames(round).entries()) {
			takeLine(readers[at]);
			accept(readers[at], frame, 0, frame.length, round * 20_000 + at * 10_000);
		}
	}
	expect(titles).toEqual([Array(5).fill("5341476770000001"), Array(5).fill("5341476770000002")]);
	for (const { counters, faults } of readers) {
		expect(counters).toEqual({
			bytes: 5 * frames(1)[0].length,
			discarded: 0,
			telegrams: 5,
			authenticated: 5,
			crcOnly: 0,
			plain: 0,
		});
		expect(faults).toEqual(createFaults());
	}
	expect(readers[1].search).toBe(readers[0].search);
});

describe("a frame that is cut because its meter was told to stop", () => {
	test("costs nothing: cut at each of its bytes, neither a fault nor the next meter's frame", () => {
		const { readers, titles } = openLine();
		const [one, other] = frames(1);
		for (let length = 1; length < one.length; length += 1) {
			const [, next] = frames(length + 1);
			takeLine(readers[0]);
			accept(readers[0], one, 0, length, length * 20_000);
			takeLine(readers[1]);
			accept(readers[1], next, 0, next.length, length * 20_000 + 1_000);
		}
		expect(titles[0]).toEqual([]);
		expect(titles[1]).toHaveLength(one.length - 1);
		for (const { faults, counters } of readers) {
			expect(faults).toEqual(createFaults());
			expect(counters.discarded).toBe(0);
		}
		expect(other.length).toBe(one.length);
	});

	test("to take the line again is to go on: what has come of a frame is kept", () => {
		const { readers, titles } = openLine();
		const [frame] = frames(1);
		takeLine(readers[0]);
		accept(readers[0], frame, 0, 100, 0);
		takeLine(readers[0]);
		accept(readers[0], frame, 100, frame.length, 10);
		expect(titles[0]).toHaveLength(1);
	});
});

test("bytes that belong to no frame count for the meter in whose turn they came", () => {
	const { readers } = openLine();
	const chance = createChance(7);
	const noise = [new Uint8Array(40), new Uint8Array(25)].map(bytes => bytes.map(() => chance.integer(0x80, 0xd0)));
	for (let turn = 0; turn < 4; turn += 1) {
		takeLine(readers[turn % 2]);
		accept(readers[turn % 2], noise[turn % 2], 0, noise[turn % 2].length, turn * 10_000);
	}
	expect(readers.map(({ counters }) => counters.discarded)).toEqual([80, 50]);
});

test("another meter's frame on this line is a frame with a wrong key, as it would be on a line of its own", () => {
	const { readers, titles } = openLine();
	const [, other] = frames(1);
	takeLine(readers[0]);
	accept(readers[0], other, 0, other.length, 0);
	expect(titles).toEqual([[], []]);
	expect(readers[0].faults.wrongKey).toBe(1);
	expect(readers[1].faults.wrongKey).toBe(0);
});
