import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTime } from "../../modules/p1/time.js";
import { oracleTime } from "../support/oracle.js";
import { textBytes } from "../support/vectors.js";

function parse(text: string): string | null {
	const time = parseTime(textBytes(`1${text}1`), 1, 1 + text.length);
	return time === null ? null : new Date(time).toISOString();
}

test.each([
	["180130102122W", "2018-01-30T09:21:22.000Z"],
	["200706104157S", "2020-07-06T08:41:57.000Z"],
	["200229235959W", "2020-02-29T22:59:59.000Z"],
	["260101003000W", "2025-12-31T23:30:00.000Z"],
	["690101120000W", "2069-01-01T11:00:00.000Z"],
])("%s is %s", (text, expected) => {
	expect(parse(text)).toBe(expected);
});

describe("both clock changes of 2026", () => {
	test.each([
		["260329015959W", "2026-03-29T00:59:59.000Z"],
		["260329030000S", "2026-03-29T01:00:00.000Z"],
		["261025022959S", "2026-10-25T00:29:59.000Z"],
		["261025025959S", "2026-10-25T00:59:59.000Z"],
		["261025020000W", "2026-10-25T01:00:00.000Z"],
		["261025022959W", "2026-10-25T01:29:59.000Z"],
	])("%s is %s", (text, expected) => {
		expect(parse(text)).toBe(expected);
	});
});

const impossible = [
	"632525252525S",
	"700101010000W",
	"000101010000W",
	"180030102122W",
	"181330102122W",
	"180100102122W",
	"180132102122W",
	"180431102122S",
	"180229102122W",
	"210229102122W",
	"180130242122W",
	"180130106022W",
	"180130102160W",
	"180130102122",
	"180130102122X",
	"180130102122s",
	"180130102122WW",
	"18013010212 W",
	"1801301021-2W",
	"18-130102122W",
	"20240111 09:35:00",
	"",
];
test.each(impossible)("%j is no time", text => {
	expect(parse(text)).toBeNull();
});

test("agrees with Date on any thirteen characters", () => {
	const two = fc.oneof(
		fc.integer({ min: 0, max: 99 }).map(number => String(number).padStart(2, "0")),
		fc.string({ unit: fc.constantFrom(..."0123456789 -:;/"), minLength: 2, maxLength: 2 }),
	);
	const near = (...limits: number[]) => fc.constantFrom(...limits.map(limit => String(limit).padStart(2, "0")));
	const field = (...limits: number[]) => fc.oneof(near(...limits), near(...limits), two);
	const text = fc
		.tuple(
			field(0, 18, 20, 24, 26, 69, 70),
			field(0, 1, 2, 3, 10, 11, 12, 13),
			field(0, 1, 15, 28, 29, 30, 31, 32),
			field(0, 1, 2, 3, 12, 23, 24),
			field(0, 30, 59, 60),
			field(0, 30, 59, 60),
			fc.constantFrom("S", "W", "S", "W", "s", " "),
		)
		.map(fields => fields.join(""));
	let valid = 0;
	fc.assert(
		fc.property(text, written => {
			const expected = oracleTime(written);
			if (expected !== null) valid += 1;
			expect(parse(written)).toBe(expected === null ? null : new Date(expected).toISOString());
		}),
		{ numRuns: 20_000 },
	);
	expect(valid).toBeGreaterThan(500);
});
