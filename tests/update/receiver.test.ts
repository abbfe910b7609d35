/** An update on its way into flash: cut anyhow, damaged anywhere, and the power gone at any moment. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { abandonUpdate, createReceiver, finishUpdate, receiveUpdate } from "../../modules/update/receiver.js";
import {
	boot,
	createImage,
	createProgram,
	flashByCable,
	Reset,
	readRunning,
	type Slots,
	sectors,
} from "../../simulator/world/board/slots.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash, type FakeFlash } from "../support/fake-flash.js";
import { PowerCut } from "../support/fake-ports.js";
import { createUpdate, key } from "./updates.js";

const chance = createChance(2);
const old = createImage(chance.bytes(9_000));
const next = createImage(chance.bytes(10_001));
const newest = createImage(chance.bytes(5_003));
const update = createUpdate(next);

function start(seed = 3): { slots: Slots<FakeFlash>; log: string[] } {
	const slots = flashByCable(createFakeFlash(sectors, createChance(seed)), old);
	boot(slots);
	return { slots, log: [] };
}

/** What became of it, in words. */
function upload(
	slots: Slots<FakeFlash>,
	bytes: Uint8Array,
	cuts: readonly number[] = [],
	log: string[] = [],
	sequence = 1,
): string {
	const receiver = createReceiver(createProgram(slots, [key], sequence, log), bytes.length);
	const ends = [...cuts, bytes.length].map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b);
	let at = 0;
	for (const end of ends) {
		const refusal = receiveUpdate(receiver, bytes, at, end);
		if (refusal !== null) {
			abandonUpdate(receiver);
			return refusal;
		}
		at = end;
	}
	const done = finishUpdate(receiver);
	return typeof done === "string" ? done : done.version;
}

function isRunning(slots: Slots<FakeFlash>, image: Uint8Array): boolean {
	return Buffer.from(readRunning(slots).subarray(0, image.length)).equals(image);
}

test("an update runs after the restart, on trial, and stays when it is kept", () => {
	const { slots } = start();
	expect(isRunning(slots, old)).toBe(true);
	expect(upload(slots, update, [1, 255, 256, 257, 5_000])).toBe("0.2.0");
	expect(isRunning(slots, old)).toBe(true);
	boot(slots);
	expect(isRunning(slots, next)).toBe(true);
	const program = createProgram(slots, [key], 2);
	expect(program.isOnTrial()).toBe(true);
	program.keep();
	boot(slots);
	expect(isRunning(slots, next)).toBe(true);
	expect(createProgram(slots, [key], 2).isOnTrial()).toBe(false);
});

test("…goes when it is given up, and when anything resets before it is kept", () => {
	for (const giveUp of [true, false]) {
		const { slots } = start();
		upload(slots, update);
		boot(slots);
		if (giveUp) expect(() => createProgram(slots, [key], 2).giveUp()).toThrow(Reset);
		boot(slots);
		expect(isRunning(slots, old)).toBe(true);
		boot(slots);
		expect(isRunning(slots, old)).toBe(true);
	}
});

test("any way of cutting it gives the same", () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 0, max: update.length }), { maxLength: 40 }), cuts => {
			const { slots } = start();
			expect(upload(slots, update, cuts)).toBe("0.2.0");
			boot(slots);
			expect(isRunning(slots, next)).toBe(true);
		}),
		{ numRuns: 40 },
	);
	const { slots } = start();
	expect(upload(slots, update, [...update.keys()].slice(0, 600))).toBe("0.2.0");
});

describe("flash is not touched", () => {
	test("before the header is whole and right", () => {
		const { slots, log } = start();
		const operations = slots.flash.operations;
		const changed = update.slice();
		changed[200]! ^= 1;
		expect(upload(slots, changed, [...update.keys()].slice(0, 300), log)).toMatch(/not signed/);
		expect(upload(slots, update.slice(0, 256), [], log)).toMatch(/not as long/);
		const wrong = createUpdate(Uint8Array.of(0xe9, ...chance.bytes(50)));
		wrong[256] = 0;
		expect(upload(slots, wrong, [], log)).toMatch(/damaged/);
		expect(slots.flash.operations).toBe(operations);
		expect(log).toEqual([]);
	});
});

test("an image with any byte changed is never what boots", () => {
	for (let at = 256; at < update.length; at += 97) {
		const { slots, log } = start();
		const changed = update.slice();
		changed[at]! ^= 0x10;
		expect(upload(slots, changed, [700, 5_000], log)).toBe("This update was damaged on its way.");
		expect(log).not.toContain("complete");
		boot(slots);
		expect(isRunning(slots, old)).toBe(true);
	}
});

test("one that ends early is given up", () => {
	const { slots, log } = start();
	const receiver = createReceiver(createProgram(slots, [key], 1, log), update.length);
	expect(receiveUpdate(receiver, update, 0, 6_000)).toBeNull();
	expect(finishUpdate(receiver)).toBe("This update was damaged on its way.");
	expect(log).toEqual(["open", "close"]);
	boot(slots);
	expect(isRunning(slots, old)).toBe(true);
});

test("flash that fails, or an image that the platform does not take, is no update", () => {
	const { slots } = start();
	// Whole by our digest, but not by its own.
	const unwhole = createUpdate(Uint8Array.of(0xe9, ...chance.bytes(500)));
	expect(() => upload(slots, unwhole)).toThrow("end failed");
	boot(slots);
	expect(isRunning(slots, old)).toBe(true);
});

test("wherever the power is cut, a whole and genuine program boots, and can be updated again", () => {
	let cuts = 0;
	for (let seed = 1; seed <= 3; seed += 1) {
		for (let cutIn = 1; ; cutIn += 1) {
			const { slots } = start(seed);
			slots.flash.cutIn = cutIn;
			let isCut = false;
			try {
				upload(slots, update, [300, 4_352, 8_000]);
				boot(slots);
				createProgram(slots, [key], 2).keep();
				upload(slots, createUpdate(newest, { version: "0.3.0", sequence: 3 }), [2_000], [], 2);
				boot(slots);
				createProgram(slots, [key], 3).keep();
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
				isCut = true;
			}
			slots.flash.cutIn = 0;
			boot(slots);
			expect(
				[old, next, newest].some(image => isRunning(slots, image)),
				`seed ${seed}, cut ${cutIn}`,
			).toBe(true);
			const program = createProgram(slots, [key], 1);
			if (program.isOnTrial()) program.keep();
			expect(upload(slots, createUpdate(newest, { version: "0.3.0", sequence: 3 }))).toBe("0.3.0");
			boot(slots);
			expect(isRunning(slots, newest), `seed ${seed}, cut ${cutIn}, then again`).toBe(true);
			if (!isCut) break;
			cuts += 1;
		}
	}
	expect(cuts).toBeGreaterThan(60);
});
