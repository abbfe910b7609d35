/** Tests of `modules/p1/time.ts`. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { looksLikeTime, never, parseTime, readTime, tellsOffset } from "../../modules/p1/time.js";
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
	["591231120000W", "2059-12-31T11:00:00.000Z"],
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

describe("other forms", () => {
	test.each([
		["260715120010", "2026-07-15T10:00:10.000Z"],
		["260115120010", "2026-01-15T11:00:10.000Z"],
		["260715120010s", "2026-07-15T10:00:10.000Z"],
		["260115120010w", "2026-01-15T11:00:10.000Z"],
		["260715120010Z", "2026-07-15T12:00:10.000Z"],
		["20240111 09:35:00", "2024-01-11T08:35:00.000Z"],
		["2024-01-11 09:35:00", "2024-01-11T08:35:00.000Z"],
		["2024-07-11T09:35:00Z", "2024-07-11T09:35:00.000Z"],
		["2024/07/11 09:35", "2024-07-11T07:35:00.000Z"],
		["20240711093500", "2024-07-11T07:35:00.000Z"],
		["20240711093500S", "2024-07-11T07:35:00.000Z"],
		["2607151200", "2026-07-15T10:00:00.000Z"],
		["260715 120010", "2026-07-15T10:00:10.000Z"],
	])("%s is %s", (text, expected) => {
		expect(parse(text)).toBe(expected);
	});

	test("the hour that comes twice and the one that does not come are no time without a season letter", () => {
		expect(parse("261025015959")).toBe("2026-10-24T23:59:59.000Z");
		expect(parse("261025020000")).toBeNull();
		expect(parse("261025025959")).toBeNull();
		expect(parse("261025030000")).toBe("2026-10-25T02:00:00.000Z");
		expect(parse("260329015959")).toBe("2026-03-29T00:59:59.000Z");
		expect(parse("260329020000")).toBeNull();
		expect(parse("260329030000")).toBe("2026-03-29T01:00:00.000Z");
	});

	test("what could be of two orders is no time", () => {
		for (const text of ["11.01.2024 09:35:00", "01/02/03 04:05:06", "24-01-11 09:35:00", "09:35:00 240111"]) {
			expect(parse(text), text).toBeNull();
		}
	});

	test("which tell how far they are from UTC", () => {
		const tells = (text: string) => tellsOffset(textBytes(text), 0, text.length);
		for (const text of ["180130102122W", "180130102122s", "2024-07-11T09:35:00Z"]) expect(tells(text), text).toBe(true);
		for (const text of ["180130102122", "20240111 09:35:00", ""]) expect(tells(text), text).toBe(false);
	});
});

test("times that stand for none", () => {
	const isNever = (text: string) => readTime(textBytes(`1${text}1`), 1, 1 + text.length) === never;
	for (const text of ["", "632525252525S", "700101010000W", "000101000000", "000000000000W", "181330102122W"]) {
		expect(isNever(text), text).toBe(true);
	}
	for (const text of ["garbage", "18013010212W", "1801301021222W", "20240111 09:35:00", "180130102122X", "W"]) {
		expect(isNever(text), text).toBe(false);
	}
});

test("what can only be meant as a time", () => {
	const looks = (text: string) => looksLikeTime(textBytes(`1${text}1`), 1, 1 + text.length);
	for (const text of ["261302010000W", "260715120010S", "260715120010w "]) expect(looks(text), text).toBe(true);
	for (const text of ["26130201000W", "260715120010", "2607151200.0W", "000342*W", ""]) {
		expect(looks(text), text).toBe(false);
	}
});

const impossible = [
	"632525252525S",
	"700101010000W",
	"000101010000W",
	"071231235959W",
	"600101000000W",
	"690101000000W",
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
	"180130102122X",
	"180130102122WW",
	"18013010212 W",
	"1801301021-2W",
	"18-130102122W",
	"",
];
test.each(impossible)("%j is no time", text => {
	expect(parse(text)).toBeNull();
});

test("agrees with Date and the time zone database on twelve digits with any letter, or none", () => {
	const two = fc.oneof(
		fc.integer({ min: 0, max: 99 }).map(number => String(number).padStart(2, "0")),
		fc.string({ unit: fc.constantFrom(..."0123456789 -:;/"), minLength: 2, maxLength: 2 }),
	);
	const near = (...limits: number[]) => fc.constantFrom(...limits.map(limit => String(limit).padStart(2, "0")));
	const field = (...limits: number[]) => fc.oneof(near(...limits), near(...limits), two);
	const text = fc
		.tuple(
			field(7, 8, 18, 20, 24, 26, 59, 60),
			field(0, 1, 2, 3, 10, 11, 12, 13),
			field(0, 1, 15, 28, 29, 30, 31, 32),
			field(0, 1, 2, 3, 12, 23, 24),
			field(0, 30, 59, 60),
			field(0, 30, 59, 60),
			fc.constantFrom("S", "W", "S", "W", "s", "w", "Z", "", "", " ", "X"),
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
