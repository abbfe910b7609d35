import fc from "fast-check";
import { expect, test } from "vitest";
import { crc16 } from "../../modules/p1/crc16.js";
import { slowChecksum } from "../support/checksum.js";
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
