/** What a tag or a CRC proves whole is a telegram whatever its bytes are: a line that cannot be read costs itself. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closeTelegram, telegramOf } from "../support/checksum.js";
import { oracleRead } from "../support/oracle.js";
import { asOracle, valuesByName } from "../support/readings.js";
import { seal } from "../support/sealer.js";
import { cut, receive, type Seen } from "../support/stream.js";
import { telegramLines } from "../support/telegram-lines.js";
import { joinBytes, realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

const { key } = realFrame;
const head = "/Lux5\\253663629_D\r\n\r\n1-0:1.8.0(000006.695*kWh)\r\n";
const tail = "\r\n1-0:2.8.0(000000.025*kWh)\r\n!";
const around = { active_energy_import: 6_695, active_energy_export: 25 };

function telegramAround(line: string): Uint8Array {
	return textBytes(closeTelegram(head + line + tail));
}

function expectWhole(found: readonly Seen[], text: Uint8Array, what: string): void {
	expect(
		found.map(telegram => telegram.text),
		what,
	).toEqual([Buffer.from(text).toString("latin1")]);
	expect(valuesByName(found[0]!.readings), what).toMatchObject(around);
}

/** The telegram sealed, and in clear; both must be found, with the lines around the odd one. */
function expectProven(line: string, what = line): void {
	const text = telegramAround(line);
	const sealed = receive({ key, authentication: "required" }, [{ bytes: seal(text, { key }), at: 0 }]);
	expectWhole(sealed.telegrams, text, `${what}, sealed`);
	const clear = receive({ key: null }, [{ bytes: text, at: 0 }]);
	expectWhole(clear.telegrams, text, `${what}, in clear`);
	expect(clear.counters.discarded, what).toBe(0);
}

describe("every byte value at every place of a line", () => {
	test.each(["0-0:96.13.0(48C3A9)", "1-0:32.7.0(233.0*V)", "0-1:24.2.1(200706103140S)(00000.006*m3)"])(
		"%s",
		line => {
			for (let at = 0; at <= line.length; at += 1) {
				for (let byte = 0; byte < 256; byte += 1) {
					const character = String.fromCharCode(byte);
					// A line of `!` alone ends the telegram.
					expectProven(line.slice(0, at) + character + line.slice(at), `${byte} put in at ${at}`);
					if (at < line.length) {
						expectProven(line.slice(0, at) + character + line.slice(at + 1), `${byte} at ${at}`);
					}
				}
			}
		},
		60_000,
	);
});

test("any lines with any bytes in their brackets, in clear and in any chunks, are found as the oracle reads them", () => {
	fc.assert(
		fc.property(telegramLines, fc.integer({ min: 1, max: 700 }), (lines, size) => {
			const text = telegramOf(lines);
			const { telegrams, counters } = receive(
				{ key: null },
				cut(textBytes(text), () => size),
			);
			expect(telegrams.map(found => found.text)).toEqual([text]);
			expect(asOracle(telegrams[0]!.readings)).toEqual(oracleRead(text));
			expect(counters.discarded).toBe(0);
		}),
		{ numRuns: 300 },
	);
});

describe("lines of 4 KB", () => {
	const cases: [string, string][] = [
		["NUL", "\0".repeat(4096)],
		["FF", "\xff".repeat(4096)],
		["DB", "\xdb".repeat(4096)],
		["every byte but brackets and line ends", everyByte(4096)],
		["digits", "41".repeat(2048)],
		["slashes", "/AAA5".repeat(820)],
		["exclamation marks", "!".repeat(4096)],
		["opened brackets", "(".repeat(4096)],
	];
	test.each(cases)("%s inside of brackets", (_name, content) => expectProven(`0-0:96.13.0(${content})`, _name));
	test("text outside of brackets", () => expectProven("x".repeat(4096)));
	test("up to 32 bytes outside of brackets that are no text", () => {
		expectProven("\xff".repeat(32));
		expectProven(`${"\xff".repeat(20)}(${"\xff".repeat(20)})${"\x80".repeat(12)}`);
	});
});

function everyByte(length: number): string {
	let text = "";
	for (let at = 0; text.length < length; at = (at * 5 + 7) & 255) {
		if (at !== 10 && at !== 13 && at !== 40 && at !== 41) text += String.fromCharCode(at);
	}
	return text;
}

test("an exclamation mark at the beginning of a line ends a telegram only with up to four digits and a line end", () => {
	for (const line of ["!note", "!-0:1.8.0(1)", "!12x", "!8B5 ", "!!"]) expectProven(line);
	expect(receive({ key: null }, [{ bytes: telegramAround("!8B52"), at: 0 }]).telegrams).toEqual([]);
});

describe("what is cut inside of brackets hides nothing after it", () => {
	const opened = textBytes(`${head}0-0:96.13.0(48C3A9`);
	const next = seal(textBytes(specificationTelegram), { key });
	const clear = textBytes(realFrame.telegram);
	const both = [specificationTelegram, realFrame.telegram];

	test("a ciphered frame and then one in clear, a short one too", () => {
		const short = closeTelegram("/Lux5\\1\r\n\r\n!");
		for (const text of [specificationTelegram, short]) {
			for (let cut = 0; cut <= opened.length; cut += 1) {
				const frame = seal(textBytes(text), { key });
				const { telegrams } = receive({ key }, [{ bytes: joinBytes(opened.subarray(0, cut), frame, clear), at: 0 }]);
				expect(telegrams.map(found => found.text)).toEqual([text, realFrame.telegram]);
			}
		}
	});

	test("is found without waiting, as the search ends where nothing is text", () => {
		const { telegrams, faults } = receive({ key }, [
			{ bytes: joinBytes(opened, next), at: 0 },
			{ bytes: clear, at: 500 },
		]);
		expect(telegrams.map(found => found.text)).toEqual(both);
		expect(faults.expired).toBe(0);
	});

	test("linear: false beginnings inside of brackets, with bytes between them that are no text", () => {
		for (const piece of [
			"/AAA5(\xff",
			"/AAA5\xff",
			"/AAA5\xff)(",
			"(\xff",
			"/AAA5(\xff)\n\n!\n",
			"/AAA5(\xff\n!0000\n",
		]) {
			const bytes = textBytes(piece.repeat(Math.ceil(100_000 / piece.length)));
			const start = performance.now();
			const { telegrams } = receive({ key }, [{ bytes: joinBytes(bytes, next), at: 0 }]);
			expect(telegrams, piece).toHaveLength(1);
			expect(performance.now() - start, piece).toBeLessThan(1500);
		}
	});
});
