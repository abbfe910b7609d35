/** Tests of p1: stream. */
import { describe, expect, test } from "vitest";
import { accept, createReader, expire, isWithinFrame } from "../../modules/p1/reader.js";
import { createChance } from "../support/chance.js";
import { telegramOf } from "../support/checksum.js";
import { luxembourg, type Sealing, seal } from "../support/sealer.js";
import { type Arrival, cut, expectFound, type Piece, receive } from "../support/stream.js";
import { bytesOf, joinBytes, realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

const { key } = realFrame;
const options = { key };

function sealed(text: string, frameCounter: number, changes: Partial<Sealing> = {}): Piece {
	return {
		name: `frame ${frameCounter}`,
		bytes: seal(textBytes(text), { key, frameCounter, ...changes }),
		telegram: text,
	};
}

function clear(text: string): Piece {
	return { name: "in clear", bytes: textBytes(text), telegram: text };
}

function noise(name: string, bytes: Uint8Array | string): Piece {
	return { name, bytes: typeof bytes === "string" ? bytesOf(bytes) : bytes, telegram: null };
}

const real: Piece = { name: "real frame", bytes: realFrame.frame, telegram: realFrame.telegram };
const specification = sealed(specificationTelegram, 1);
const short = (count: number) => telegramOf([`0-0:96.7.21(${String(count).padStart(5, "0")})`]);
const examples: readonly Piece[] = [
	real,
	specification,
	clear(specificationTelegram),
	clear(realFrame.telegram),
	sealed(short(1), 1),
	{ ...sealed(short(2), 2, { securityControl: 0x20, systemTitle: bytesOf("4B") }), name: "no tag, title of one byte" },
	{
		...sealed(specificationTelegram, 3, { lengthForm: 4, systemTitle: new Uint8Array(16).fill(0x2f) }),
		name: "title of slashes",
	},
	{ ...sealed(specificationTelegram, 4, { systemTitle: new Uint8Array(8).fill(0xdb) }), name: "title of DBs" },
];

/** Everything that has been seen to lead a reader astray, and some more. */
const rubbish: readonly Piece[] = [
	noise("DB", "DB"),
	noise("DB 08", "DB08"),
	noise("DB DB 08", "DBDB08"),
	noise("a header up to its length", "DB0853414767700000018202"),
	noise("a header without its content", "DB08534147677000000182027A30"),
	noise("a header that claims the cap", "DB08534147677000000182400030000000FF"),
	noise("a header that claims more than the cap", "DB08534147677000000182400130000000FF"),
	noise("a header that claims four bytes of length", "DB085341476770000001840000027A3000"),
	noise("a header of another security suite", "DB08534147677000000182027A3100"),
	noise("the length as three plain bytes", "DB085341476770000001000000027A3000"),
	noise("a title of DBs", "DB08DBDBDBDBDBDBDBDB82027A30"),
	noise("zeros", new Uint8Array(40)),
	noise("idle line", new Uint8Array(40).fill(0xff)),
	noise("/", textBytes("/")),
	noise("/Lux5", textBytes("/Lux5")),
	noise("slashes", textBytes("//////")),
	noise("a path", textBytes("/usr/bin/p1")),
	noise("the beginning of a telegram", textBytes(specificationTelegram.slice(0, 400))),
	noise("the end of a telegram", textBytes(specificationTelegram.slice(-400))),
	noise("a telegram with a wrong CRC", textBytes(specificationTelegram.replace("8B52", "8B53"))),
	noise("!", textBytes("\r\n!")),
	noise("!CFDE", textBytes("\r\n!CFDE\r\n")),
	noise("the beginning of a frame", realFrame.frame.subarray(0, 300)),
	noise("a frame but for its tag and two bytes", realFrame.frame.subarray(0, 633)),
	noise("the end of a frame", realFrame.frame.subarray(310)),
	noise("a frame but for its first three bytes", realFrame.frame.subarray(3)),
	noise("a frame with a lost byte", joinBytes(realFrame.frame.subarray(0, 200), realFrame.frame.subarray(201))),
	noise("a frame with a doubled byte", joinBytes(realFrame.frame.subarray(0, 200), realFrame.frame.subarray(199))),
	noise("another meter's frame", seal(textBytes(specificationTelegram), { key: luxembourg.key })),
	noise("a beginning in a beginning", joinBytes(realFrame.frame.subarray(0, 30), realFrame.frame.subarray(0, 40))),
	noise("random bytes", createChance(7).bytes(900)),
];

describe("each example alone", () => {
	test.each(examples.map(example => [example.name, example] as const))(
		"%s: whole, byte by byte, in chunks",
		(_name, example) => {
			expectFound(options, [example]);
		},
	);

	test.each(examples.map(example => [example.name, example] as const))(
		"%s: cut in two at every place",
		(_name, { bytes, telegram }) => {
			for (let place = 0; place <= bytes.length; place += 1) {
				const arrivals: Arrival[] = [
					{ bytes: bytes.subarray(0, place), at: 0 },
					{ bytes: bytes.subarray(place), at: 1999 },
				];
				const { telegrams, counters } = receive(options, arrivals);
				expect(
					telegrams.map(found => found.text),
					`cut at ${place}`,
				).toEqual([telegram]);
				expect(counters.discarded, `cut at ${place}`).toBe(0);
			}
		},
	);
});

describe("with rubbish around", () => {
	test.each(rubbish.map(piece => [piece.name, piece] as const))("%s, before, between and after", (_name, piece) => {
		expectFound(options, [
			piece,
			real,
			piece,
			specification,
			piece,
			clear(specificationTelegram),
			piece,
			sealed(short(2), 2),
			piece,
		]);
	});

	test.each(rubbish.map(piece => [piece.name, piece] as const))("%s, before a telegram in clear", (_name, piece) => {
		expectFound(options, [piece, clear(realFrame.telegram), piece, piece, clear(specificationTelegram), real]);
	});

	test("any rubbish in any order", () => {
		const chance = createChance(20261122);
		for (let round = 0; round < 120; round += 1) {
			const pieces: Piece[] = [];
			let counter = 1;
			for (let count = chance.integer(1, 8); count > 0; count -= 1) {
				while (chance.integer(0, 2) > 0) pieces.push(chance.pick(rubbish));
				if (chance.integer(0, 1) === 0) pieces.push(noise("chance", chance.bytes(chance.integer(1, 60))));
				const text = telegramOf([`0-0:96.7.21(${String(round * 10 + count).padStart(5, "0")})`]);
				pieces.push(chance.integer(0, 3) === 0 ? clear(text) : sealed(text, counter));
				counter += 1;
			}
			expectFound(options, pieces, round);
		}
	});

	test("older counters and repeats in between are dropped, and hide nothing", () => {
		const old = (counter: number): Piece => ({
			...sealed(short(counter), counter),
			telegram: null,
			name: `old frame ${counter}`,
		});
		expectFound(options, [
			sealed(short(9), 9),
			old(9),
			old(3),
			sealed(short(10), 10),
			old(1),
			old(2),
			sealed(short(11), 11),
			old(11),
		]);
		expectFound(options, [
			sealed(short(9), 9),
			noise("DB 08", "DB08"),
			old(9),
			rubbish[4]!,
			sealed(short(10), 10),
			old(10),
		]);
	});
});

describe("frames that were cut", () => {
	test.each([
		["a frame", realFrame.frame],
		["a telegram in clear", textBytes(specificationTelegram)],
	])("%s, cut at every place, and the next one at once", (_name, bytes) => {
		for (let place = 0; place < bytes.length; place += 1) {
			for (const next of [specification, clear(realFrame.telegram)]) {
				const stream = joinBytes(bytes.subarray(0, place), next.bytes);
				const { telegrams } = receive(options, [{ bytes: stream, at: 0 }]);
				// A last line that lost only its end still has its CRC: such a telegram may be taken or left.
				const found = telegrams.map(telegram => telegram.text);
				expect(found.at(-1), `cut at ${place}`).toBe(next.telegram);
				if (place < bytes.length - 20) expect(found, `cut at ${place}`).toEqual([next.telegram]);
			}
		}
	});

	test("a telegram without CRC, where that is allowed, begins with its own identification", () => {
		const bare = specificationTelegram.replace("8B52", "");
		const cutAt = (place: number) => textBytes(bare.slice(0, place));
		for (let place = 0; place < bare.length - 3; place += 1) {
			for (const text of [bare, bare.replaceAll("\r", ""), realFrame.telegram]) {
				const bytes = joinBytes(cutAt(place), textBytes(text));
				const { telegrams } = receive({ key: null, authentication: "off" }, [{ bytes, at: 0 }]);
				const found = telegrams.map(telegram => telegram.text);
				expect(found, `cut at ${place}`).toEqual([text]);
			}
		}
	});

	test("the head is missing, at every place", () => {
		for (const bytes of [realFrame.frame, textBytes(specificationTelegram)]) {
			for (let place = 1; place < bytes.length; place += 1) {
				const { telegrams } = receive(options, [
					{ bytes: joinBytes(bytes.subarray(place), specification.bytes), at: 0 },
				]);
				expect(
					telegrams.map(telegram => telegram.text),
					`from ${place}`,
				).toEqual([specificationTelegram]);
			}
		}
	});

	test("ten seconds later the next one comes: found as it ends, not later, at every place of the cut", () => {
		for (let place = 1; place < 647; place += 1) {
			const { telegrams, faults } = receive(options, [
				{ bytes: realFrame.frame.subarray(0, place), at: 0 },
				{ bytes: real.bytes.subarray(0, 300), at: 10_000 },
				{ bytes: real.bytes.subarray(300), at: 10_100 },
			]);
			expect(
				telegrams.map(telegram => telegram.text),
				`cut at ${place}`,
			).toEqual([realFrame.telegram]);
			expect(faults.expired, `cut at ${place}`).toBe(1);
		}
	});
});

describe("time", () => {
	const half = realFrame.frame.subarray(0, 300);
	const rest = realFrame.frame.subarray(300);

	test.each([
		[2_499, 1, 0],
		[2_500, 0, 1],
	])("silence until %i ms, seen by somebody who looked: %i telegrams", (looked, telegrams, expired) => {
		const reader = createReader(options, () => {});
		accept(reader, half, 0, half.length, 500);
		expect(isWithinFrame(reader)).toBe(true);
		expire(reader, looked);
		accept(reader, rest, 0, rest.length, 2_501);
		expect(reader.counters.telegrams).toBe(telegrams);
		expect(reader.faults.expired).toBe(expired);
	});

	test("a reader that stood still in the middle of a frame has not heard silence", () => {
		const reader = createReader(options, () => {});
		accept(reader, half, 0, half.length, 500);
		accept(reader, rest, 0, rest.length, 60_000);
		expect(reader.counters.telegrams).toBe(1);
		expect(reader.faults.expired).toBe(0);
		expect(isWithinFrame(reader)).toBe(false);
	});

	test("it counts from the last byte, not from the first", () => {
		const slow = cut(realFrame.frame, () => 10).map((arrival, index) => ({ ...arrival, at: index * 1900 }));
		expect(receive(options, slow).telegrams).toHaveLength(1);
	});

	test("an empty chunk is no byte", () => {
		const arrivals = [
			{ bytes: half, at: 0 },
			{ bytes: new Uint8Array(0), at: 1500 },
			{ bytes: rest, at: 2100 },
		];
		expect(receive(options, arrivals).telegrams).toHaveLength(0);
	});

	test("a whole frame inside an expired one is found when that expires", () => {
		const header = bytesOf("DB08534147677000000182400030000000FF");
		const arrivals = [{ bytes: joinBytes(header, realFrame.frame, specification.bytes), at: 0 }];
		const { telegrams, faults } = receive(options, [...arrivals, { bytes: new Uint8Array(0), at: 5000 }]);
		expect(telegrams.map(telegram => telegram.text)).toEqual([realFrame.telegram, specificationTelegram]);
		expect(faults.expired).toBe(1);
	});

	test("silence with nothing held is no fault", () => {
		const { faults } = receive(options, [
			{ bytes: realFrame.frame, at: 0 },
			{ bytes: specification.bytes, at: 60_000 },
		]);
		expect(Object.values(faults).every(count => count === 0)).toBe(true);
	});
});

describe("long streams", () => {
	const digits = (seed: number, octets: number) =>
		Buffer.from(createChance(seed).bytes(octets)).toString("hex").toUpperCase();
	const messages = [0, 2, 3, 4, 5].map((place, index) => `0-0:96.13.${place}(${digits(index, 1024)})`);
	const lines = specificationTelegram
		.split("\r\n")
		.slice(2, -2)
		.filter(line => !line.includes(":96.13."));
	const long = telegramOf([...lines, ...messages]);

	/** A frame whose content is exactly so long. */
	function padded(content: number, frameCounter = 1): Piece {
		const length = telegramOf([...lines, ...messages, "0-0:96.1.9()"]).length + 17;
		return sealed(telegramOf([...lines, ...messages, `0-0:96.1.9(${"x".repeat(content - length)})`]), frameCounter, {
			lengthForm: 2,
		});
	}

	test("five messages of 2048 digits", () => {
		expect(long.length).toBeGreaterThan(11_000);
		expectFound(options, [sealed(long, 1), clear(long), sealed(long, 2)]);
	});

	test("16 KiB to the byte, and one more", () => {
		expectFound(options, [padded(16384), rubbish[5]!, padded(16384, 2), real]);
		expectFound(options, [{ ...padded(16385), telegram: null }, real]);
	});

	test("make the buffer grow while they come, in any chunks", () => {
		for (const size of [1, 120, 5_000, 100_000]) {
			const found: number[] = [];
			const held: number[] = [];
			const reader = createReader({ ...options, authentication: "required" }, ({ start, end }) => {
				found.push(end - start);
				held.push(reader.search.bytes.length);
			});
			const frames = [specificationTelegram, long, specificationTelegram].map((text, at) => sealed(text, at + 1).bytes);
			frames.push(padded(16_384, 4).bytes, sealed(specificationTelegram, 5).bytes);
			for (const bytes of frames) {
				for (let at = 0; at < bytes.length; at += size) {
					accept(reader, bytes, at, Math.min(at + size, bytes.length), 0);
				}
				expect(reader.search.bytes.length).toBe(4_096);
			}
			const usual = specificationTelegram.length;
			expect(found).toEqual([usual, long.length, usual, 16_384 - 17, usual]);
			expect(held).toEqual([4_096, 16_384, 4_096, 16_384 + 32, 4_096]);
		}
	});

	test("telegrams in clear around the cap are taken or left, however they are chunked", () => {
		for (const length of [16_300, 16_383, 16_384, 16_385, 16_390, 16_400, 16_415, 16_416, 16_417, 16_450]) {
			const frame = padded(length + 17);
			const bytes = joinBytes(textBytes(frame.telegram!), real.bytes);
			expect(frame.telegram).toHaveLength(length);
			const outcomes = [1, 7, 128, 1000, bytes.length].map(size => {
				const { telegrams, faults, counters } = receive(
					options,
					cut(bytes, () => size),
				);
				return JSON.stringify([telegrams.map(telegram => telegram.text.length), faults, counters]);
			});
			expect(new Set(outcomes).size, `${length} bytes: ${outcomes}`).toBe(1);
			expect(outcomes[0]!.includes("617]"), outcomes[0]).toBe(true);
			if (length <= 16_384) expect(outcomes[0]!.startsWith(`[[${length},617]`), outcomes[0]).toBe(true);
		}
	});

	test("an endless telegram in clear", () => {
		const endless = textBytes(`/Lux5\\1\r\n\r\n${"1-0:1.8.0(000006.695*kWh)\r\n".repeat(800)}`);
		expectFound(options, [noise("endless", endless), real, noise("endless", endless), clear(specificationTelegram)]);
		expect(receive(options, [{ bytes: endless, at: 0 }]).faults.length).toBe(1);
	});

	test("an hour of frames at one second, in the UART's chunks, each found before the next begins", () => {
		const arrivals: Arrival[] = [];
		const texts: string[] = [];
		for (let count = 0; count < 3600; count += 1) {
			texts.push(short(count));
			const bytes = seal(textBytes(texts[count]!), { key, frameCounter: count });
			arrivals.push(...cut(bytes, () => 16, 1000 * count));
		}
		const { telegrams, counters } = receive({ key, authentication: "required" }, arrivals);
		expect(telegrams.map(telegram => telegram.text)).toEqual(texts);
		expect(counters.discarded).toBe(0);
	});

	test("frames at one second behind a header that claims 16 KiB: late, but all of them", () => {
		const header = noise("false header", "DB08534147677000000182400030000000FF");
		const frames = Array.from({ length: 40 }, (_, at) => sealed(specificationTelegram, at + 1));
		const bytes = joinBytes(header.bytes, ...frames.map(frame => frame.bytes));
		const arrivals = cut(bytes, () => specification.bytes.length).map((arrival, at) => ({ ...arrival, at: 1000 * at }));
		const { telegrams, counters } = receive(options, arrivals);
		expect(telegrams.map(telegram => telegram.frameCounter)).toEqual(frames.map((_, at) => at + 1));
		expect(counters.discarded).toBe(header.bytes.length);
	});

	test("false headers within false headers", () => {
		const header = (length: number) =>
			noise(
				`header ${length}`,
				`DB0853414767700000018240${length.toString(16).padStart(2, "0")}30000000FF`.replace("8240", "823F"),
			);
		const pieces = Array.from({ length: 30 }, (_, at) => [header(at), sealed(short(at), at + 1)]).flat();
		expectFound(options, pieces);
	});
});
