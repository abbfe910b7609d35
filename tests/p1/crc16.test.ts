import fc from "fast-check";
import { expect, test } from "vitest";
import { crc16, findCrcStart } from "../../modules/p1/crc16.js";
import { slowChecksum } from "../support/checksum.js";
import { joinBytes, realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

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

/** Bytes and their CRC behind them, low byte first: a CRC over both comes back to its initial value. */
function closed(bytes: Uint8Array): Uint8Array {
	const checksum = slowChecksum(bytes);
	return joinBytes(bytes, Uint8Array.of(checksum & 255, checksum >> 8));
}

test("the start of a CRC is the first place that has its byte and gives it, also where several do", () => {
	const piece = fc.uint8Array({ maxLength: 20 }).map(bytes => joinBytes(Uint8Array.of(0x2f), bytes));
	const pieces = fc.array(fc.oneof(piece, piece.map(closed)), { minLength: 1, maxLength: 6 });
	let several = 0;
	fc.assert(
		fc.property(pieces, fc.nat(), fc.boolean(), (parts, place, wrong) => {
			const bytes = joinBytes(...parts);
			const start = place % bytes.length;
			const crc = slowChecksum(parts.at(-1)!) ^ (wrong ? 1 : 0);
			const starts = Array.from(bytes.keys()).filter(
				at => at >= start && bytes[at] === 0x2f && slowChecksum(bytes.subarray(at)) === crc,
			);
			if (starts.length > 1) several += 1;
			expect(findCrcStart(bytes, start, bytes.length, crc, 0x2f)).toBe(starts[0] ?? -1);
		}),
		{ numRuns: 500 },
	);
	expect(several).toBeGreaterThan(20);
});
