import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDecimal } from "../../modules/p1/decimal.js";
import { textBytes } from "../support/vectors.js";

function parse(text: string, decimals: number): number {
	const bytes = textBytes(`9${text}9`);
	return parseDecimal(bytes, 1, 1 + text.length, decimals);
}

/** Exact by definition: digits as one big integer. */
function reference(text: string, decimals: number): number {
	const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
	if (match === null) return Number.NaN;
	const fraction = (match[3] ?? "").replace(/0+$/, "");
	if (fraction.length > decimals) return Number.NaN;
	const value = BigInt(match[2]! + fraction.padEnd(decimals, "0"));
	return Number(match[1] === "-" ? -value : value);
}

test.each([
	["000006.695", 3, 6695],
	["00.005", 3, 5],
	["233.0", 3, 233000],
	["063", 0, 63],
	["063", 3, 63000],
	["-063", 3, -63000],
	["-0", 3, 0],
	["112743.030", 3, 112743030],
	["00000.006", 3, 6],
	["1.0000", 3, 1000],
	["5.000", 0, 5],
	["999999999.999", 3, 999999999999],
])("%s with %i decimals is %i", (text, decimals, expected) => {
	expect(parse(text, decimals)).toBe(expected);
	expect(Object.is(parse(text, decimals), -0)).toBe(false);
});

const noNumbers = [
	"",
	"-",
	".",
	"-.",
	"5.",
	".5",
	"-.5",
	"+5",
	" 5",
	"5 ",
	"1,5",
	"1.2.3",
	"--1",
	"1-",
	"1e3",
	"0x1",
	"٣",
	"1.0005",
];
test.each([...noNumbers, "1".repeat(40), "9".repeat(400), `0.${"0".repeat(400)}1`])("%j is no number", text => {
	expect(parse(text, 3)).toBeNaN();
});

test("leading and trailing zeros cost no digits", () => {
	expect(parse(`${"0".repeat(100)}12.345${"0".repeat(100)}`, 3)).toBe(12345);
});

test("an exact integer, as big integers have it, or no number", () => {
	const number = fc.stringMatching(/^-?[0-9]{1,14}(\.[0-9]{1,6})?$/);
	const odd = fc.string({ unit: fc.constantFrom(..."0123456789.-+e "), maxLength: 12 });
	fc.assert(
		fc.property(fc.oneof(number, odd), fc.constantFrom(0, 3), (text, decimals) => {
			const expected = reference(text, decimals);
			const found = parse(text, decimals);
			// More than 15 digits may be refused, but never rounded.
			if (Number.isNaN(found) && Math.abs(expected) > 999_999_999_999_999) return;
			expect(found).toBe(Object.is(expected, -0) ? 0 : expected);
			expect(Number.isNaN(found) || Number.isSafeInteger(found)).toBe(true);
		}),
		{ numRuns: 3000 },
	);
});
