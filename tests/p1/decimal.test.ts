/** Tests of `modules/p1/decimal.ts`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDecimal, findNumber, scaleDecimal } from "../../modules/p1/decimal.js";
import { textBytes } from "../support/vectors.js";

interface Parsed {
	value: number;
	rounded: boolean;
	/** What follows the number. */
	rest: string;
}

function parse(text: string, decimals: number): Parsed | null {
	const bytes = textBytes(`9${text}9`);
	const decimal = createDecimal();
	if (!findNumber(decimal, bytes, 1, 1 + text.length)) return null;
	const value = scaleDecimal(decimal, bytes, decimals);
	return { value, rounded: decimal.rounded, rest: text.slice(decimal.end - 1) };
}

/** Exact by definition: digits as one big integer, half away from zero. */
function reference(text: string, decimals: number): Parsed | null {
	const match = /^[ \t]*([-+]?)[ \t]*(\d+)(?:[.,](\d+))?/.exec(text);
	if (match === null || (match[3] === undefined && /^[.,]/.test(text.slice(match[0].length)))) return null;
	const [, sign, whole, fraction = ""] = match;
	const digits = BigInt(whole! + fraction) * 10n ** BigInt(Math.max(0, decimals));
	const divisor = 10n ** BigInt(fraction.length + Math.max(0, -decimals));
	const value = Number((2n * digits + divisor) / (2n * divisor));
	return {
		value: value > 999_999_999_999_999 ? Number.NaN : sign === "-" ? 0 - value : value,
		rounded: digits % divisor !== 0n,
		rest: text.slice(match[0].length),
	};
}

test.each([
	["000006.695", 3, 6695],
	["00.005", 3, 5],
	["233.0", 3, 233000],
	["063", 0, 63],
	["063", 3, 63000],
	["-063", 3, -63000],
	["-0", 3, 0],
	["+2", 3, 2000],
	[" \t- 5", 0, -5],
	["231,5", 3, 231500],
	["112743.030", 3, 112743030],
	["00000.006", 3, 6],
	["1.0000", 3, 1000],
	["5.000", 0, 5],
	["999999999.999", 3, 999999999999],
	["12345000", -3, 12345],
	["0.000532", 6, 532],
])("%s with %i decimals is %i", (text, decimals, expected) => {
	expect(parse(text, decimals)).toEqual({ value: expected, rounded: false, rest: "" });
	expect(Object.is(parse(text, decimals)!.value, -0)).toBe(false);
});

test.each([
	["0.0005", 3, 1],
	["0.00049", 3, 0],
	["-0.0005", 3, -1],
	["1.0005", 3, 1001],
	["703.68", 0, 704],
	["12345.6789012", 3, 12345679],
	["1500", -3, 2],
	["1499", -3, 1],
	["500", -3, 1],
	["499", -3, 0],
	["999", -4, 0],
	["9", -6, 0],
	["0.9999", 3, 1000],
])("%s with %i decimals is rounded to %i", (text, decimals, value) => {
	expect(parse(text, decimals)).toEqual({ value, rounded: true, rest: "" });
});

test.each(["", "-", ".", "-.", "5.", ".5", "-.5", "x5", "--1", "+-1", "٣", " ", "5.x", "*5"])(
	"%j is no number",
	text => {
		expect(parse(text, 3)).toBeNull();
	},
);

test.each([
	["1.2.3", ".3"],
	["1e3", "e3"],
	["0x1", "x1"],
	["5 kWh", " kWh"],
	["5*kWh", "*kWh"],
	["1-", "-"],
])("what follows the number in %j is the caller's", (text, rest) => {
	expect(parse(text, 3)).toMatchObject({ rest });
});

test("more than 15 digits are no number, as a thousandth need not have a double of its own; leading and trailing zeros cost no digits", () => {
	expect(parse("999999999999.999", 3)).toMatchObject({ value: 999_999_999_999_999 });
	for (const text of ["1000000000000", "8800000000000.007", "999999999999.9999"])
		expect(parse(text, 3)!.value).toBeNaN();
	for (const text of ["1".repeat(40), "9".repeat(400)]) expect(parse(text, 3)!.value).toBeNaN();
	expect(parse(`${"0".repeat(100)}12.345${"0".repeat(100)}`, 3)).toMatchObject({ value: 12345, rounded: false });
	expect(parse("0".repeat(400), 400)).toMatchObject({ value: 0 });
});

test("an exact integer, as big integers have it", () => {
	const number = fc.stringMatching(/^[-+]?[0-9]{1,14}([.,][0-9]{1,8})?$/);
	const odd = fc.string({ unit: fc.constantFrom(..."0123456789.,-+e *"), maxLength: 12 });
	fc.assert(
		fc.property(fc.oneof(number, odd), fc.integer({ min: -9, max: 9 }), (text, decimals) => {
			const found = parse(text, decimals);
			const expected = reference(text, decimals);
			if (expected !== null && Number.isNaN(expected.value)) expect(found?.value).toBeNaN();
			else expect(found).toEqual(expected);
		}),
		{ numRuns: 5000 },
	);
});
