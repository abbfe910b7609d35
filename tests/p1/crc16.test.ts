/** Tests of `modules/p1/crc16.ts`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { findClearStart } from "../../modules/p1/clear.js";
import { crc16, findCrcStart } from "../../modules/p1/crc16.js";
import { closeTelegram, slowChecksum } from "../support/checksum.js";
import { realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

test.each([
	["123456789", 0xbb3d],
	["", 0],
	["A", 0x30c0],
	[realFrame.telegram.slice(0, realFrame.telegram.indexOf("!") + 1), 0xcfde],
	[specificationTelegram.slice(0, specificationTelegram.indexOf("!") + 1), 0x8b52],
])("known values: %j", (text, expected) => {
	expect(crc16(textBytes(text), 0, text.length)).toBe(expected);
	expect(slowChecksum(textBytes(text))).toBe(expected);
});

test("equals the bit-by-bit definition over any part of any bytes", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 600, size: "max" }), fc.nat(), fc.nat(), (bytes, one, other) => {
			const start = Math.min(one % (bytes.length + 1), other % (bytes.length + 1));
			const end = Math.max(one % (bytes.length + 1), other % (bytes.length + 1));
			expect(crc16(bytes, start, end)).toBe(slowChecksum(bytes.subarray(start, end)));
		}),
		{ numRuns: 500 },
	);
});

test("goes on after any part", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 600, size: "max" }), fc.nat(), (bytes, place) => {
			const middle = place % (bytes.length + 1);
			expect(crc16(bytes, middle, bytes.length, crc16(bytes, 0, middle))).toBe(slowChecksum(bytes));
		}),
		{ numRuns: 300 },
	);
});

test("finds the first place from which the CRC is good", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 80, size: "max" }), fc.nat(80), fc.nat(3), (bytes, at, skipped) => {
			const crc = slowChecksum(bytes.subarray(at));
			const start = Math.min(skipped, bytes.length);
			const begins = (place: number) => bytes[place] % 2 === at % 2;
			let expected = -1;
			for (let place = bytes.length - 1; place >= start; place -= 1) {
				if (begins(place) && slowChecksum(bytes.subarray(place)) === crc) expected = place;
			}
			expect(findCrcStart(bytes, start, bytes.length, crc, begins)).toBe(expected);
		}),
		{ numRuns: 500 },
	);
});

test("a telegram full of places from which its CRC is good, none of them a beginning, is read a few times and no more", () => {
	// Takes the CRC from 0 to 0, so that it is good from each of them.
	const piece = "/'\\*";
	expect(crc16(textBytes(piece), 0, 4)).toBe(0);
	const bytes = textBytes(`/AAA5x\r\n\r\n1-0:1.8.0(${closeTelegram(`${piece.repeat(4000)})\r\n!`)}`);
	let reads = 0;
	const counted = new Proxy(bytes, {
		get(target, name) {
			reads += 1;
			return Reflect.get(target, name, target);
		},
	});
	expect(findClearStart(counted, 0, bytes.length)).toBe(-1);
	expect(reads).toBeLessThan(4 * bytes.length);
});
