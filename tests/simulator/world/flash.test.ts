/** Tests of simulator: flash. */
import { expect, test } from "vitest";
import { createChance } from "../../../simulator/chance.js";
import { createWorldFlash, eraseFlash, PowerCut, writeFlash } from "../../../simulator/world/board/flash.js";

const zeros = new Uint8Array(16);

test("writing makes bits 0 and nothing but erasing makes them 1 again", () => {
	const flash = createWorldFlash(2, createChance(1));
	writeFlash(flash, 8, Uint8Array.of(0xf0, 0x0f, 0xff, 0x01));
	expect([...flash.bytes.subarray(8, 12)]).toEqual([0xf0, 0x0f, 0xff, 0x01]);
	expect(() => writeFlash(flash, 8, Uint8Array.of(0xf8, 0, 0, 0))).toThrow("cannot become 1 again");
	writeFlash(flash, 8, new Uint8Array(4));
	expect([...flash.bytes.subarray(8, 12)]).toEqual([0, 0, 0, 0]);
	eraseFlash(flash, 0);
	expect(flash.bytes[8]).toBe(0xff);
	expect(flash.erases).toEqual([1, 0]);
});

test("what flash cannot do throws", () => {
	const flash = createWorldFlash(1, createChance(1));
	expect(() => writeFlash(flash, 2, zeros)).toThrow("not multiples of 4");
	expect(() => writeFlash(flash, 0, new Uint8Array(3))).toThrow("not multiples of 4");
	expect(() => writeFlash(flash, 4096, zeros)).toThrow("outside");
	expect(() => eraseFlash(flash, 1)).toThrow("no sector 1");
});

test("a cut leaves any part of a write: its beginning, or bytes here and there", () => {
	let beginnings = 0;
	let scattered = 0;
	for (let seed = 0; seed < 200; seed++) {
		const flash = createWorldFlash(1, createChance(seed));
		flash.cutAfter = 1;
		writeFlash(flash, 0, zeros);
		expect(() => writeFlash(flash, 16, zeros)).toThrow(PowerCut);
		expect(flash.bytes.subarray(0, 16).every(byte => byte === 0)).toBe(true);
		expect(flash.bytes.subarray(32).every(byte => byte === 0xff)).toBe(true);
		const part = [...flash.bytes.subarray(16, 32)];
		const whole = part.findIndex(byte => byte !== 0);
		if (part.slice(whole + 1).every(byte => byte === 0xff)) beginnings++;
		else scattered++;
	}
	expect(beginnings).toBeGreaterThan(50);
	expect(scattered).toBeGreaterThan(50);
});

test("a cut erase leaves anything between what was and what should be", () => {
	const flash = createWorldFlash(1, createChance(3));
	writeFlash(flash, 0, new Uint8Array(4096));
	flash.cutAfter = 0;
	expect(() => eraseFlash(flash, 0)).toThrow(PowerCut);
	const values = new Set(flash.bytes);
	expect(values.size).toBeGreaterThan(100);
});
