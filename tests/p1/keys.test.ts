/** Tests of p1: several keys, of which each meter's is found. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNodeCipher } from "../../gateway/cipher.js";
import { createFaults } from "../../modules/p1/faults.js";
import { fingerprintKeys } from "../../modules/p1/fingerprint.js";
import { createKeys, takeTables } from "../../modules/p1/keys.js";
import {
	accept,
	createReader,
	defaultAuthenticationKey,
	isReading,
	proceed,
	type Reader,
	type ReaderOptions,
} from "../../modules/p1/reader.js";
import { type Sealing, seal } from "../support/sealer.js";
import { bytesOf, specificationTelegram, textBytes } from "../support/vectors.js";

const text = textBytes(specificationTelegram);
const keys = [1, 2, 3, 4, 5, 6].map(at => bytesOf(`0${at}`.repeat(16)));
const titleOf = (at: number) => bytesOf(`534147677000000${at + 1}`);
const frameOf = (at: number, frameCounter: number, changes: Partial<Sealing> = {}) =>
	seal(text, { key: keys[at]!, systemTitle: titleOf(at), frameCounter, ...changes });

interface Rig {
	reader: Reader;
	titles: string[];
	steps: number;
	feed(frame: Uint8Array): void;
}

function open(options: Partial<ReaderOptions> = {}, own = keys): Rig {
	const titles: string[] = [];
	const { createCipher, ...rest } = options;
	const reader = createReader({ key: createKeys(own, createCipher ?? null), ...rest }, ({ systemTitle }) =>
		titles.push(systemTitle!),
	);
	let now = 0;
	const rig: Rig = {
		reader,
		titles,
		steps: 0,
		feed(frame) {
			now += 10_000;
			accept(reader, frame, 0, frame.length, now);
			while (isReading(reader)) {
				rig.steps += 1;
				proceed(reader);
			}
		},
	};
	return rig;
}

describe.each([
	["whole, with our cipher", {}],
	["in steps, with our cipher", { inSteps: true }],
	["whole, with the platform's", { createCipher: createNodeCipher }],
	["in steps, with the platform's", { inSteps: true, createCipher: createNodeCipher }],
] as const)("%s", (_, options) => {
	test.each(["required", "prefer", "off"] as const)(
		"%s: each meter's first frame is opened already, in any order",
		authentication => {
			fc.assert(
				fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), order => {
					const { reader, titles, feed } = open({ ...options, authentication });
					for (const round of [1, 2]) for (const at of order) feed(frameOf(at, round));
					expect(titles.map(title => Number(title.at(-1)) - 1)).toEqual([...order, ...order]);
					expect(reader.faults).toEqual(createFaults());
				}),
				{ numRuns: 20 },
			);
		},
	);

	test("a frame of a key that is not there is one wrong key, and harms nobody", () => {
		const { reader, titles, feed } = open(options);
		const stranger = { key: bytesOf("77".repeat(16)) };
		for (let round = 1; round < 5; round += 1) {
			feed(frameOf(0, round));
			feed(frameOf(1, round, stranger));
		}
		expect(titles).toHaveLength(4);
		expect({ ...reader.faults }).toEqual({ ...createFaults(), wrongKey: 4 });
	});

	test("a meter whose key was renewed is read with the new one at once, where that is among them", () => {
		const { reader, titles, feed } = open(options);
		feed(frameOf(0, 1));
		feed(frameOf(0, 2));
		feed(frameOf(0, 3, { key: keys[4]! }));
		feed(frameOf(0, 4, { key: keys[4]! }));
		expect(titles).toHaveLength(4);
		expect(reader.frameCounters.meters).toMatchObject([{ key: 4, last: 4 }]);
		expect(reader.faults).toEqual(createFaults());
	});

	test("a damaged frame is a damaged frame, and the meter's key stays", () => {
		const { reader, titles, feed } = open({ ...options, authentication: "required" });
		feed(frameOf(3, 1));
		const damaged = frameOf(3, 2);
		damaged[200]! ^= 1;
		feed(damaged);
		feed(frameOf(3, 3));
		expect(titles).toHaveLength(2);
		expect(reader.faults.damaged).toBe(1);
		expect(reader.frameCounters.meters).toMatchObject([{ key: 3, last: 3 }]);
	});
});

test("a key that opened nothing is of no meter: titles that anybody may send take no place", () => {
	const { reader, feed } = open();
	for (let at = 0; at < 20; at += 1)
		feed(
			frameOf(0, 1, {
				key: bytesOf("99".repeat(16)),
				systemTitle: bytesOf(`534147670000${String(at).padStart(4, "0")}`),
			}),
		);
	expect(reader.frameCounters.meters).toEqual([]);
});

test("each key that is tried is a step of its own", () => {
	const last = open({ inSteps: true });
	last.feed(frameOf(5, 1));
	const first = open({ inSteps: true });
	first.feed(frameOf(0, 1));
	expect(last.steps).toBe(first.steps + 5);
});

test("what begins like frames of any key is not examined for more than its bytes pay for", () => {
	const { reader, feed } = open({}, keys);
	const frame = frameOf(0, 1, { key: bytesOf("99".repeat(16)) });
	const beginning = frame.slice(0, 60);
	// The length that it has.
	beginning[11] = 0;
	beginning[12] = 60 - 13;
	for (let round = 0; round < 400; round += 1) feed(beginning);
	expect(reader.faults.unexamined).toBeGreaterThan(100);
});

test("the tables are of one key; making those of another drops them", () => {
	const own = createKeys(keys);
	const first = own.gcm;
	expect(own.at).toBe(0);
	takeTables(own, 0);
	expect(own.gcm).toBe(first);
	takeTables(own, 3);
	expect(own.at).toBe(3);
	expect(own.gcm).not.toBe(first);
	expect(() => createKeys([keys[0]!, new Uint8Array(15)])).toThrow("AES-128 needs a key of 16 bytes, not 15");
});

test("fingerprints are of each key, and those of one key alone are the same", () => {
	const authenticationKey = defaultAuthenticationKey();
	const all = fingerprintKeys(createKeys(keys), authenticationKey);
	expect(new Set(all).size).toBe(6);
	expect(keys.map(key => fingerprintKeys(createKeys([key]), authenticationKey)[0])).toEqual(all);
	for (const digits of all) expect(digits).toMatch(/^[0-9A-F]{8}$/);
	expect(fingerprintKeys(createKeys(keys, createNodeCipher), authenticationKey)).toEqual([]);
});
