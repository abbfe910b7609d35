/** What comes instead of telegrams is told apart, and each has its own sentence. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explain, listExplanations, tellExplanation } from "../../modules/p1/explain.js";
import { createFaults } from "../../modules/p1/faults.js";
import { createHints, noteBytes } from "../../modules/p1/hints.js";
import { accept, createReader, expire, finish, type ReaderOptions } from "../../modules/p1/reader.js";
import { createChance } from "../support/chance.js";
import { luxembourg, seal } from "../support/sealer.js";
import { bytesOf, hexOf, joinBytes, specificationTelegram, textBytes } from "../support/vectors.js";

const { key } = luxembourg;
/** One under which each frame below has the byte FF in its text. */
const other = bytesOf("0102030405060708090A0B0C0D0E0F10");
const text = textBytes(specificationTelegram);
/** A push of readings: tag, invoke identifier, time, and content. */
const notification = joinBytes(bytesOf("0F0000A1B20C07EA070F030C000AFF800000"), createChance(5).bytes(180));
const frames = (count: number, changes = {}) =>
	Array.from({ length: count }, (_, at) => seal(text, { frameCounter: at + 1, ...changes }));

function explained(bytes: Uint8Array, options: Partial<ReaderOptions> = {}, size = bytes.length): string {
	let telegrams = 0;
	const reader = createReader({ key, ...options }, () => {
		telegrams += 1;
	});
	for (let at = 0; at < bytes.length; at += size) {
		accept(reader, bytes, at, Math.min(bytes.length, at + size), 0);
	}
	finish(reader);
	expect(telegrams).toBe(0);
	return explain(reader.search.hints, reader.faults, reader.decryptor.notifications, reader.counters.bytes);
}

function replaceByte(bytes: Uint8Array, from: number, ...to: number[]): Uint8Array {
	return Uint8Array.from([...bytes].flatMap(byte => (byte === from ? to : [byte])));
}

function addParity(bytes: Uint8Array, odd: boolean): Uint8Array {
	return bytes.map(byte => {
		const ones = byte.toString(2).replaceAll("0", "").length;
		return (ones % 2 === 1) !== odd ? byte | 0x80 : byte;
	});
}

/** What a UART reads of a line whose levels are the wrong way round: it takes falling edges inside of bytes for start bits. */
function invertLine(bytes: Uint8Array): Uint8Array {
	const bits = [1, 1, 1];
	for (const byte of bytes) bits.push(0, ...Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1), 1);
	const inverted = bits.map(bit => 1 - bit);
	const read: number[] = [];
	for (let at = 1; at + 9 < inverted.length; at += 1) {
		if (inverted[at] !== 0 || inverted[at - 1] !== 1) continue;
		read.push(inverted.slice(at + 1, at + 9).reduce((byte, bit, place) => byte | (bit << place), 0));
		at += 8;
	}
	return Uint8Array.from(read);
}

function wrapMbus(bytes: Uint8Array): Uint8Array {
	const parts: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; at += 200) {
		const content = joinBytes(bytesOf("53FF000167"), bytes.subarray(at, at + 200));
		parts.push(Uint8Array.of(0x68, content.length, content.length, 0x68), content, bytesOf("0016"));
	}
	return joinBytes(...parts);
}

function wrapHdlc(bytes: Uint8Array): Uint8Array {
	return joinBytes(bytesOf("7EA2434108831385EBE6E700"), bytes, bytesOf("FFFF7E"));
}

const polish = joinBytes(
	textBytes("/EGM5G15\r\n\r\n"),
	bytesOf("0082023030"),
	bytesOf("00000000"),
	createChance(3).bytes(555),
	textBytes("!FE0C\r\n"),
);

describe("each has its own word", () => {
	const clear = text;
	const cases: [string, Uint8Array, string, Partial<ReaderOptions>?][] = [
		["no byte", new Uint8Array(0), "nothing"],
		["a Polish text header", joinBytes(polish, polish), "header"],
		["M-Bus", wrapMbus(seal(notification, { securityControl: 0x20 })), "mbus"],
		["M-Bus, no key", wrapMbus(seal(notification, { securityControl: 0x20 })), "mbus", { key: null }],
		["HDLC", wrapHdlc(seal(notification)), "hdlc"],
		["HDLC that is not encrypted", wrapHdlc(notification), "hdlc", { key: null }],
		["DLMS inside, encrypted", joinBytes(seal(notification, { securityControl: 0x20 })), "dlms"],
		["DLMS inside, authenticated", seal(notification), "dlms"],
		["DLMS inside, another authentication key", seal(notification, { authenticationKey: new Uint8Array(16) }), "dlms"],
		["seven bits with even parity", addParity(clear, false), "parity"],
		["seven bits with odd parity", addParity(clear, true), "parity"],
		[
			"a hex dump",
			textBytes(
				hexOf(joinBytes(...frames(2)))
					.replace(/(..)/g, "$1 ")
					.replace(/(.{96})/g, "$1\n"),
			),
			"hexDump",
		],
		[
			"an ESPHome log",
			textBytes('[18:39:22.146][D][uart:158]: <<< "/SAG5\\\\2MT212 SMR5.5\\r\\n"\n'.repeat(9)),
			"text",
		],
		[
			"telnet's doubled FF",
			replaceByte(joinBytes(...frames(3, { key: other })), 0xff, 0xff, 0xff),
			"telnet",
			{ key: other },
		],
		["CR that became LF", replaceByte(joinBytes(...frames(2)), 13, 10), "lineEnds"],
		["LF that became CR", replaceByte(joinBytes(...frames(2)), 10, 13), "lineEnds"],
		["in clear, CR that became LF", replaceByte(clear, 13, 10), "lineEnds"],
		["in clear, without CR", replaceByte(clear, 13), "lineEnds"],
		["in clear, without LF", replaceByte(clear, 10), "lineEnds"],
		["in clear, LF that became CR LF", replaceByte(clear, 10, 13, 10), "lineEnds"],
		["no key", frames(1)[0]!, "keyMissing", { key: null }],
		["another key", joinBytes(...frames(3, { key: bytesOf("AA".repeat(16)) })), "wrongKey"],
		["another suite", frames(1, { securityControl: 0x31 })[0]!, "securityControl"],
		["frames cut short", joinBytes(...frames(4).map(frame => frame.subarray(0, 512))), "cut"],
		[
			"a byte lost in each frame",
			joinBytes(...frames(4).map(frame => joinBytes(frame.subarray(0, 300), frame.subarray(301)))),
			"lossy",
		],
		["a byte changed", replaceAt(frames(1)[0]!, 400), "damaged"],
		["in clear, a byte changed", replaceAt(clear, 400), "damaged"],
		["in clear, cut", clear.subarray(0, 900), "expired"],
		["no CRC", textBytes(specificationTelegram.replace(/!.*/s, "!\r\n")), "crcMissing"],
		["none that is authenticated", clear, "unauthenticated", { authentication: "required" }],
		["an inverted line", invertLine(clear), "noise"],
		["an inverted line, encrypted", invertLine(joinBytes(...frames(2))), "noise"],
		["chance", createChance(8).bytes(3000), "noise"],
		["a line at rest", new Uint8Array(300), "noise"],
	];
	test.each(cases)("%s", (_name, bytes, expected, options) => {
		for (const size of [bytes.length || 1, 1, 100]) expect(explained(bytes, options, size)).toBe(expected);
	});
});

function replaceAt(bytes: Uint8Array, at: number): Uint8Array {
	const copy = bytes.slice();
	copy[at]! ^= 1;
	return copy;
}

test("telnet's commands at the beginning, and then nothing that can be read", () => {
	const bytes = joinBytes(bytesOf("FFFB01FFFB03FFFD03"), textBytes("login: \r\nlogin: \r\nlogin: \r\nlogin: \r\n"));
	expect(explained(bytes)).toBe("telnet");
});

describe("by chance", () => {
	test("another key is never explained by anything else, whatever the bytes are", () => {
		const counts = new Map<string, number>();
		for (let round = 0; round < 300; round += 1) {
			const other = createChance(round).bytes(16);
			const word = explained(joinBytes(...frames(3, { key: other, frameCounter: round })));
			counts.set(word, (counts.get(word) ?? 0) + 1);
		}
		expect([...counts.keys()]).toEqual(["wrongKey"]);
	});

	test("a telegram in clear that is damaged is that, or its line ends are", () => {
		for (let at = 30; at < text.length - 10; at += 7) {
			const word = explained(replaceAt(text, at));
			expect(["damaged", "crcMissing", "expired", "noise"], String(at)).toContain(word);
		}
	});
});

test("a telegram makes an end to what was before it", () => {
	let word = "";
	const reader = createReader({ key }, () => {
		word = explain(reader.search.hints, createFaults(), reader.decryptor.notifications, 0);
	});
	const bytes = joinBytes(polish, frames(1)[0]!, new Uint8Array(40));
	accept(reader, bytes, 0, bytes.length, 0);
	expire(reader, 3_000);
	expect(word).toBe("nothing");
	expect(reader.search.hints).toMatchObject({ looked: 40, header: 0 });
});

test("looks at 4 KiB, and counts no further", () => {
	const hints = createHints();
	const noise = createChance(1).bytes(3_000);
	for (let round = 0; round < 5; round += 1) noteBytes(hints, noise, 0, noise.length);
	const before = { ...hints };
	expect(hints.looked).toBe(4096);
	noteBytes(hints, noise, 0, noise.length);
	expect(hints).toEqual(before);
});

test("every word has a sentence, and docs/faults.md explains each", () => {
	const page = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
	const section = page.slice(page.indexOf("## What comes instead of telegrams"));
	const named = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map(match => match[1]);
	expect(named).toEqual(listExplanations());
	for (const word of named) expect(tellExplanation(word!)).toMatch(/^[a-z].{20,}[a-zA-Z0-9`)]$/);
	expect(new Set(listExplanations().map(tellExplanation)).size).toBe(named.length);
	expect(() => tellExplanation("weather")).toThrow("weather");
});
