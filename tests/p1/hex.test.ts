/** Tests of `modules/p1/hex.ts`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatHex, hexDigit, parseHex } from "../../modules/p1/hex.js";

test("any bytes survive being formatted and parsed, in either case", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 64, size: "max" }), bytes => {
			const text = formatHex(bytes, 0, bytes.length);
			expect(text).toBe(Buffer.from(bytes).toString("hex").toUpperCase());
			expect(parseHex(text)).toEqual(bytes);
			expect(parseHex(text.toLowerCase())).toEqual(bytes);
		}),
	);
});

test("formats a part", () => {
	expect(formatHex(Uint8Array.of(1, 0xab, 0xcd, 9), 1, 3)).toBe("ABCD");
});

const notHex = [
	"0",
	"0g",
	"G0",
	" 00",
	"00 ",
	"0x00",
	"00:11",
	"é0",
	"0٣",
	"ａ０",
	"+1",
	"-1",
	"1.",
	"@@",
	"``",
	"//",
	"::",
];
test.each(notHex)("refuses %j", text => {
	expect(parseHex(text)).toBeNull();
});

test("a digit is 0 to 9, A to F or a to f, and no other character code", () => {
	for (let code = 0; code < 0x300; code += 1) {
		const character = String.fromCharCode(code);
		expect(hexDigit(code), `code ${code}`).toBe(/^[0-9a-fA-F]$/.test(character) ? Number.parseInt(character, 16) : -1);
	}
});
