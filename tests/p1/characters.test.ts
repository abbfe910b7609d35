/** What texts are made of, against regular expressions. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	consistsOf,
	isDecimal,
	isDigits,
	isFramed,
	leaveOut,
	letters,
	replaceOthers,
	splitWords,
	withoutEnding,
} from "../../modules/p1/characters.js";

const odd = fc.string({ unit: fc.constantFrom(..."09aZ_.-/: \t~é€😀\u0000\u007f@`{[") });
const number = fc.string({ unit: fc.constantFrom(..."0123456789.") });
const text = fc.oneof(odd, number, fc.string());

function hold(holds: (value: string) => void): void {
	fc.assert(fc.property(text, holds), { numRuns: 3_000 });
}

describe("as a regular expression tells", () => {
	test("what a text consists of", () => {
		hold(value => {
			expect(consistsOf(value, "09AF")).toBe(/^[0-9A-F]*$/.test(value));
			expect(consistsOf(value, `${letters}09__..--`)).toBe(/^[A-Za-z0-9_.-]*$/.test(value));
			expect(consistsOf(value, " ~\x80\uffff")).toBe(!/[^ -~\x80-\uffff]/.test(value));
		});
	});

	test("numbers", () => {
		hold(value => {
			expect(isDigits(value, 3)).toBe(/^[0-9]{1,3}$/.test(value));
			expect(isDecimal(value, 2, 3)).toBe(/^[0-9]{1,2}(\.[0-9]{1,3})?$/.test(value));
		});
	});

	test("names", () => {
		hold(value => {
			expect(isFramed(value, "az09", "..--")).toBe(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(value));
		});
	});

	test("what is replaced, left out and between", () => {
		hold(value => {
			expect(replaceOthers(value, "09az", "_")).toBe(value.replace(/[^0-9a-z]/g, "_"));
			expect(leaveOut(value, "09..")).toBe(value.replace(/[0-9.]/g, ""));
			expect(splitWords(value, "  ::")).toEqual(value.split(/[ :]+/).filter(word => word !== ""));
			expect(withoutEnding(value, ".")).toBe(value.replace(/\.$/, ""));
		});
	});
});
