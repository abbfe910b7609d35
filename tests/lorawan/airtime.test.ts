/** Holds the airtime to numbers worked out by hand and to the formula written another way. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { airtime, airtimeMicroseconds, headerTime, symbolTime } from "../../modules/lorawan/airtime.js";

describe("airtime", () => {
	// By data rate from DR0 (spreading factor 12) to DR5 (7), for frames with a CRC.
	test.each([
		[23, [1483, 823, 371, 206, 113, 62]],
		[24, [1483, 823, 371, 206, 113, 62]],
		[42, [2138, 1151, 535, 288, 154, 87]],
		[46, [2302, 1233, 575, 308, 164, 92]],
		[59, [2630, 1479, 657, 370, 205, 113]],
	])("of %i bytes, by data rate, rounded to milliseconds", (length, expected) => {
		const found = expected.map((_, rate) => Math.round(airtimeMicroseconds(12 - rate, length, true) / 1000));
		expect(found).toEqual(expected);
	});

	test("is Semtech's formula, in seconds and with fractions", () => {
		fc.assert(
			fc.property(fc.integer({ min: 7, max: 12 }), fc.integer({ min: 0, max: 255 }), fc.boolean(), (sf, pl, crc) => {
				const ts = 2 ** sf / 125_000;
				const de = ts > 0.016 ? 1 : 0;
				const payload =
					8 + Math.max(Math.ceil((8 * pl - 4 * sf + 28 + 16 * Number(crc)) / (4 * (sf - 2 * de))) * (1 + 4), 0);
				expect(airtimeMicroseconds(sf, pl, crc) / 1e6).toBeCloseTo((8 + 4.25) * ts + payload * ts, 9);
				expect(airtime(sf, pl, crc)).toBeGreaterThanOrEqual(airtimeMicroseconds(sf, pl, crc) / 1000);
				expect(airtime(sf, pl, crc)).toBeLessThan(airtimeMicroseconds(sf, pl, crc) / 1000 + 1);
			}),
		);
	});

	test("of a header is 20.25 symbols", () => {
		expect([7, 9, 12].map(headerTime)).toEqual([21, 83, 664]);
		expect(headerTime(10)).toBe(Math.ceil((20.25 * symbolTime(10)) / 1000));
	});
});
