/** Two meters, each with a key of its own, that send on one line in turn: one search for frames, a reader each. */
import { describe, expect, test } from "vitest";
import { createFaults } from "../../modules/p1/faults.js";
import { createKeys } from "../../modules/p1/keys.js";
import {
	accept,
	createReader,
	createTally,
	isPreparing,
	prepare,
	type Reader,
	type Tally,
	takeLine,
} from "../../modules/p1/reader.js";
import { createChance } from "../support/chance.js";
import { luxembourg, seal } from "../support/sealer.js";
import { bytesOf, specificationTelegram, textBytes } from "../support/vectors.js";

const text = textBytes(specificationTelegram);
const otherKey = bytesOf("00000000000000000000000000000002");
const otherTitle = bytesOf("5341476770000002");

function openLine(): { reader: Reader; tallies: Tally[]; titles: (string | null)[][] } {
	const titles: (string | null)[][] = [[], []];
	const keys = createKeys([luxembourg.key, otherKey]);
	const reader = createReader({ key: keys }, telegram => {
		titles[tallies.indexOf(reader.tally)]!.push(telegram.systemTitle);
	});
	const tallies = [reader.tally, createTally()];
	return { reader, tallies, titles };
}

/** Both meters' frames with this counter. */
function frames(frameCounter: number): Uint8Array[] {
	return [seal(text, { frameCounter }), seal(text, { frameCounter, key: otherKey, systemTitle: otherTitle })];
}

test("each reader opens its own meter's frames and counts for itself", () => {
	const { reader, tallies, titles } = openLine();
	for (let round = 1; round <= 5; round += 1) {
		for (const [at, frame] of frames(round).entries()) {
			takeLine(reader, tallies[at]!);
			accept(reader, frame, 0, frame.length, round * 20_000 + at * 10_000);
		}
	}
	expect(titles).toEqual([Array(5).fill("5341476770000001"), Array(5).fill("5341476770000002")]);
	for (const { counters, faults } of tallies) {
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
});

describe("a frame that is cut because its meter was told to stop", () => {
	test("costs nothing: cut at each of its bytes, neither a fault nor the next meter's frame", () => {
		const { reader, tallies, titles } = openLine();
		const [one, other] = frames(1);
		for (let length = 1; length < one.length; length += 1) {
			const [, next] = frames(length + 1);
			takeLine(reader, tallies[0]!);
			accept(reader, one, 0, length, length * 20_000);
			takeLine(reader, tallies[1]!);
			accept(reader, next, 0, next.length, length * 20_000 + 1_000);
		}
		expect(titles[0]).toEqual([]);
		expect(titles[1]).toHaveLength(one.length - 1);
		for (const { faults, counters } of tallies) {
			expect(faults).toEqual(createFaults());
			expect(counters.discarded).toBe(0);
		}
		expect(other.length).toBe(one.length);
	});

	test("to take the line again is to go on: what has come of a frame is kept", () => {
		const { reader, tallies, titles } = openLine();
		const [frame] = frames(1);
		takeLine(reader, tallies[0]!);
		accept(reader, frame, 0, 100, 0);
		takeLine(reader, tallies[0]!);
		accept(reader, frame, 100, frame.length, 10);
		expect(titles[0]).toHaveLength(1);
	});
});

test("bytes that belong to no frame count for the meter in whose turn they came", () => {
	const { reader, tallies } = openLine();
	const chance = createChance(7);
	const noise = [new Uint8Array(40), new Uint8Array(25)].map(bytes => bytes.map(() => chance.integer(0x80, 0xd0)));
	for (let turn = 0; turn < 4; turn += 1) {
		takeLine(reader, tallies[turn % 2]!);
		accept(reader, noise[turn % 2], 0, noise[turn % 2].length, turn * 10_000);
	}
	expect(tallies.map(({ counters }) => counters.discarded)).toEqual([80, 50]);
});

test("another meter's frame on this line is read with its own key, and counts for the line", () => {
	const { reader, tallies, titles } = openLine();
	const [, other] = frames(1);
	takeLine(reader, tallies[0]!);
	accept(reader, other!, 0, other!.length, 0);
	expect(titles).toEqual([["5341476770000002"], []]);
	expect(tallies[0]!.counters.authenticated).toBe(1);
	expect(tallies[1]!.counters.bytes).toBe(0);
});

describe("the frame that a meter sends next", () => {
	test("is prepared in its turn, also after another one's, and takes no block of the cipher then", () => {
		const { reader, tallies } = openLine();
		let encrypted = 0;
		for (let round = 1; round <= 4; round += 1) {
			for (const [at, frame] of frames(round).entries()) {
				takeLine(reader, tallies[at]!);
				while (isPreparing(reader)) prepare(reader);
				const { cipher } = reader.decryptor.keys.gcm!;
				const { encrypt } = cipher;
				cipher.encrypt = block => {
					encrypted += 1;
					return encrypt.call(cipher, block);
				};
				encrypted = 0;
				accept(reader, frame, 0, frame.length, round * 20_000 + at * 10_000);
				cipher.encrypt = encrypt;
				if (round > 1) expect(encrypted).toBe(0);
			}
		}
		expect(tallies.map(({ counters }) => counters.authenticated)).toEqual([4, 4]);
	});

	test("is not held in memory in another one's turn", () => {
		const { reader, tallies } = openLine();
		const [one] = frames(1);
		takeLine(reader, tallies[0]!);
		accept(reader, one!, 0, one!.length, 0);
		while (isPreparing(reader)) prepare(reader);
		expect(reader.decryptor.prepared.blocks.length).toBeGreaterThan(1_000);
		takeLine(reader, tallies[1]!);
		expect(reader.decryptor.prepared.blocks).toHaveLength(0);
		expect(isPreparing(reader)).toBe(false);
	});
});
