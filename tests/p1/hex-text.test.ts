/** Tests of `modules/p1/hex-text.ts`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFaults } from "../../modules/p1/faults.js";
import { decodeText, parseName, parseOctets, readPrinted, readText } from "../../modules/p1/hex-text.js";
import { parseMessage } from "../../modules/p1/message.js";
import { oracleMessage, oracleName, oracleText } from "../support/oracle.js";
import { bytesOf, hexOf, textBytes } from "../support/vectors.js";

function decode(hex: string): string {
	return decodeText(bytesOf(hex));
}

test.each([
	["303132333435363738393A3B3C3D3E3F", "0123456789:;<=>?"],
	["4DC3A96D6F697265", "Mémoire"],
	["4DE96D6F697265", "Mémoire"],
	["E282AC20352C2D", "€ 5,-"],
	["F09F92A1", "💡"],
	["41000D0A09421B43", "ABC"],
	["41C2804200C285", "AB"],
	["7F41", "A"],
	["", ""],
	["00", ""],
])("%s is %j", (hex, expected) => {
	expect(decode(hex)).toBe(expected);
});

test("what is not valid UTF-8 is Latin-1: cut, overlong, surrogates, too high, stray", () => {
	for (const hex of [
		"41C3",
		"41E282",
		"41F09F92",
		"C0AF41",
		"E0808041",
		"F080808041",
		"EDA08041",
		"F4908080",
		"FF41",
		"A941",
		"C341",
	]) {
		expect(decode(hex), hex).toBe(
			Buffer.from(hex, "hex")
				.toString("latin1")
				.replace(/\p{Cc}/gu, ""),
		);
	}
});

test("agrees with TextDecoder on any bytes, UTF-8 or not", () => {
	const character = fc.oneof(
		fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).map(text => [...Buffer.from(text)]),
		fc.integer({ min: 0, max: 255 }).map(byte => [byte]),
		fc.constantFrom(
			[0xc2],
			[0xe2, 0x82],
			[0xed, 0x9f, 0xbf],
			[0xee, 0x80, 0x80],
			[0xf4, 0x8f, 0xbf, 0xbf],
			[0xc1, 0xbf],
		),
	);
	const text = fc.array(character, { maxLength: 40 }).map(parts => Uint8Array.from(parts.flat()));
	const unicode = fc.string({ unit: "binary", maxLength: 60 }).map(written => Uint8Array.from(Buffer.from(written)));
	fc.assert(
		fc.property(fc.oneof(text, unicode, fc.uint8Array({ maxLength: 30 })), bytes => {
			const expected = oracleText(hexOf(bytes));
			expect(decodeText(bytes)).toBe(expected);
			const hex = hexOf(bytes);
			expect(parseMessage(textBytes(`F${hex}F`), 1, 1 + hex.length, createFaults())).toBe(oracleMessage(hex));
			expect(parseName(textBytes(`F${hex}F`), 1, 1 + hex.length)).toBe(oracleName(hex));
			const printed = textBytes(bytes.length % 2 === 0 ? hex.slice(1) : `${Buffer.from(bytes).toString("latin1")}!`);
			const text = Buffer.from(printed).toString("latin1");
			expect(parseMessage(printed, 0, printed.length, createFaults())).toBe(oracleMessage(text));
			expect(parseName(printed, 0, printed.length)).toBe(oracleName(text));
		}),
		{ numRuns: 2000 },
	);
});

test("octets are pairs of hexadecimal digits, nothing else", () => {
	const parse = (text: string) => parseOctets(textBytes(`A${text}A`), 1, 1 + text.length);
	expect(parse("00fFAb")).toEqual(Uint8Array.of(0, 255, 171));
	expect(parse("")).toEqual(new Uint8Array(0));
	for (const text of ["0", "000", "0G", "G0", " 0", "0 ", "0x00", "-1", "@@"]) expect(parse(text), text).toBeNull();
});

test.each([0, 1, 31, 32, 33, 64, 65, 500])("a text of %i characters, printed and in hexadecimal", length => {
	const text = Array.from({ length }, (_, at) => String.fromCharCode(32 + (at % 95))).join("");
	expect(readText(textBytes(`(${text})`), 1, 1 + length)).toBe(text);
	expect(readPrinted(textBytes(`(${text})`), 1, 1 + length)).toBe(text);
	const hex = Buffer.from(text).toString("hex");
	expect(parseMessage(textBytes(`A${hex}A`), 1, 1 + hex.length, createFaults())).toBe(text);
	expect(parseName(textBytes(`A${hex}A`), 1, 1 + hex.length)).toBe(text.trim());
	// What is not plain may come last.
	expect(parseMessage(textBytes(`${hex}c3a9`), 0, hex.length + 4, createFaults())).toBe(`${text}é`);
	expect(parseMessage(textBytes(`${hex}0a`), 0, hex.length + 2, createFaults())).toBe(text);
	for (const end of ["0", "0G", "G0", "--"]) {
		expect(parseMessage(textBytes(hex + end), 0, hex.length + end.length, createFaults()), end).toBe(hex + end);
		expect(parseName(textBytes(hex + end), 0, hex.length + end.length), end).toBe(hex + end);
	}
});

test.each([
	["53414731303330373030313134303034", "SAG1030700114004"],
	["12345678", "12345678"],
	["12340000", "12340000"],
	["9900000001", "9900000001"],
	["0272000000001", "0272000000001"],
	["WSE1012400000001", "WSE1012400000001"],
	["DEADBEEF", "DEADBEEF"],
	["41424344", "ABCD"],
	["4142430000", "ABC"],
	["0000000000000000", ""],
	["FFFFFFFFFFFFFFFF", ""],
	["2020", ""],
	["  A1  ", "A1"],
	["3153414700000000000000000041", "3153414700000000000000000041"],
])("the identifier %s is %j", (printed, expected) => {
	expect(parseName(textBytes(printed), 0, printed.length)).toBe(expected);
});

test.each([
	["5AE4686C6572", "Zähler"],
	["5AC3A4686C6572", "Zähler"],
	["4C310D0A4C32", "L1L2"],
	["48690000", "Hi"],
	["1B5B", "1B5B"],
	["0102", "0102"],
	["FFFFFFFF", ""],
	["Achtung! Abschaltung", "Achtung! Abschaltung"],
	["St\xc3\xb6rung", "Störung"],
	["St\xf6rung", "Störung"],
	["\xff\xff\xff", ""],
	["Hi\0\0", "Hi"],
])("the message %j is %j", (printed, expected) => {
	expect(parseMessage(textBytes(printed), 0, printed.length, createFaults())).toBe(expected);
});
