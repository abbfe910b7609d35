/** Tests of `modules/p1/reader.ts`. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expirePartial, receive as receiveBytes } from "../../modules/p1/frame.js";
import { accept, createReader, expire, finish, type Reader, type ReaderOptions } from "../../modules/p1/reader.js";
import { createChance } from "../support/chance.js";
import { telegramOf } from "../support/checksum.js";
import { oracleRead } from "../support/oracle.js";
import { measureProcessorTime } from "../support/processor.js";
import { asOracle } from "../support/readings.js";
import { luxembourg, type Sealing, seal } from "../support/sealer.js";
import { type Arrival, cut, receive } from "../support/stream.js";
import { telegramLines } from "../support/telegram-lines.js";
import { bytesOf, joinBytes, realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

const { key } = luxembourg;

describe("our mistakes throw at construction, with the value", () => {
	test.each<[string, ReaderOptions, string]>([
		["a short key", { key: new Uint8Array(15) }, "15"],
		["a long key", { key: new Uint8Array(32) }, "32"],
		["a short authentication key", { key, authenticationKey: new Uint8Array(8) }, "8"],
		["no cap", { key, cap: 0 }, "0"],
		["a negative cap", { key, cap: -1 }, "-1"],
		["a cap that is no number", { key, cap: Number.NaN }, "NaN"],
		["an endless cap", { key, cap: Number.POSITIVE_INFINITY }, "Infinity"],
		// What a caller in JavaScript may pass.
		["a policy that does not exist", { key, authentication: "always" as "off" }, "always"],
	])("%s", (_name, options, value) => {
		expect(() => createReader(options, () => {})).toThrow(value);
	});

	test("keys are copied or read at once: what the caller does to its array later does not matter", () => {
		const own = key.slice();
		const ownAuthentication = luxembourg.authenticationKey.slice();
		let count = 0;
		const reader = createReader({ key: own, authenticationKey: ownAuthentication, authentication: "required" }, () => {
			count += 1;
		});
		own.fill(0);
		ownAuthentication.fill(0);
		const bytes = seal(textBytes(specificationTelegram));
		accept(reader, bytes, 0, bytes.length, 0);
		expect(count).toBe(1);
	});
});

const pieces: fc.Arbitrary<Uint8Array> = fc.oneof(
	fc.uint8Array({ maxLength: 80, size: "max" }),
	fc
		.constantFrom(
			"DB",
			"DB08",
			"DB085341476770000001",
			"DB0853414767700000018201",
			"2F",
			"0D0A21",
			"00",
			"30",
			"20",
			"8204",
		)
		.map(bytesOf),
	fc
		.record({ frameCounter: fc.nat(20), securityControl: fc.constantFrom(0x30, 0x20, 0x31), text: fc.nat(9) })
		.map(({ text, ...sealing }) => seal(textBytes(telegramOf([`0-0:96.7.21(0000${text})`])), sealing)),
	fc
		.constantFrom(
			"/Lux5",
			"/Lux5\\1\r\n\r\n1-0:1.8.0(",
			"\r\n!",
			"!1234\r\n",
			telegramOf(["0-0:96.3.10(1)"]),
			"/",
			"\r\n",
		)
		.map(textBytes),
	fc.constant(realFrame.frame),
	fc.nat(646).map(length => realFrame.frame.subarray(0, length)),
	fc.nat(646).map(start => realFrame.frame.subarray(start)),
);
const stream = fc.array(pieces, { maxLength: 25 }).map(parts => joinBytes(...parts));
const policies = fc.constantFrom("required", "prefer", "off", undefined);
const readerOptions: fc.Arbitrary<ReaderOptions> = fc
	.tuple(fc.constantFrom(key, realFrame.key, null), policies, fc.constantFrom(64, 200, 1000, undefined))
	.map(([chosen, authentication, cap]) => ({
		key: chosen,
		...(authentication === undefined ? {} : { authentication }),
		...(cap === undefined ? {} : { cap }),
	}));

describe("whatever the bytes are", () => {
	test("the outcome does not depend on how they are chunked", () => {
		fc.assert(
			fc.property(
				readerOptions,
				stream,
				fc.infiniteStream(fc.integer({ min: 1, max: 300 })),
				(options, bytes, sizes) => {
					const whole = receive(options, [{ bytes, at: 0 }]);
					expect(
						receive(
							options,
							cut(bytes, () => sizes.next().value),
						),
					).toEqual(whole);
					expect(
						receive(
							options,
							cut(bytes, () => 1),
						),
					).toEqual(whole);
				},
			),
			{ numRuns: 400 },
		);
	});

	test("nor does it matter what came before, once that has expired", () => {
		const options = { key: realFrame.key, authentication: "required" } as const;
		fc.assert(
			fc.property(stream, before => {
				const { telegrams } = receive(options, [
					{ bytes: before, at: 0 },
					{ bytes: realFrame.frame, at: 5000 },
				]);
				// Where the stream before held the same frame, this one is a repeat.
				expect(telegrams.map(telegram => telegram.text)).toEqual([realFrame.telegram]);
			}),
			{ numRuns: 300 },
		);
	});

	test("no throw in any order of calls, and every byte is accounted for", () => {
		const step = fc.oneof(
			{ weight: 6, arbitrary: pieces.map(bytes => ({ bytes, wait: 0, call: accept })) },
			{
				weight: 2,
				arbitrary: fc.integer({ min: 0, max: 4000 }).map(wait => ({ bytes: new Uint8Array(0), wait, call: expire })),
			},
			{ weight: 1, arbitrary: fc.constant({ bytes: new Uint8Array(0), wait: 0, call: finish }) },
		);
		fc.assert(
			fc.property(readerOptions, fc.array(step, { maxLength: 40 }), (options, steps) => {
				let now = 0;
				let fed = 0;
				let text = 0;
				const reader = createReader(options, telegram => {
					text += telegram.end - telegram.start;
				});
				for (const { bytes, wait, call } of steps) {
					now += wait;
					fed += bytes.length;
					if (call === accept) accept(reader, bytes, 0, bytes.length, now);
					else if (call === expire) expire(reader, now);
					else finish(reader);
					const { counters } = reader;
					expect(counters.bytes).toBe(fed);
					expect(counters.discarded + text).toBeLessThanOrEqual(fed);
					expect(counters.telegrams).toBe(counters.authenticated + counters.crcOnly + counters.plain);
				}
			}),
			{ numRuns: 400 },
		);
	});

	test("telegrams of any lines come through sealing, chunks and parsing as the oracle reads them", () => {
		const sealing = fc.record({
			systemTitle: fc.uint8Array({ minLength: 1, maxLength: 16 }),
			frameCounter: fc.nat(0xffffffff),
			securityControl: fc.constantFrom(0x30, 0x20),
			lengthForm: fc.constantFrom("shortest", 3, 4),
			key: fc.uint8Array({ minLength: 16, maxLength: 16 }),
		}) as fc.Arbitrary<Partial<Sealing> & { key: Uint8Array }>;
		fc.assert(
			fc.property(telegramLines, sealing, fc.integer({ min: 1, max: 700 }), (lines, changes, size) => {
				const text = telegramOf(lines);
				const { telegrams, counters } = receive(
					{ key: changes.key },
					cut(seal(textBytes(text), changes), () => size),
				);
				expect(telegrams).toHaveLength(1);
				expect(telegrams[0]!.text).toBe(text);
				expect(asOracle(telegrams[0]!.readings)).toEqual(oracleRead(text));
				expect(counters.discarded).toBe(0);
			}),
			{ numRuns: 300 },
		);
	});
});

/** Everything that a value holds: elements of arrays and typed arrays, characters, entries. */
function measure(value: unknown, seen = new Set<object>()): number {
	if (typeof value === "string") return value.length;
	if (typeof value !== "object" || value === null || seen.has(value)) return 1;
	seen.add(value);
	// A buffer counts once, however many views there are of it.
	if (ArrayBuffer.isView(value)) return measure(value.buffer, seen);
	if (value instanceof ArrayBuffer) return value.byteLength;
	if (value instanceof Map || value instanceof Set)
		return [...value].reduce<number>((sum, entry) => sum + measure(entry, seen), 1);
	return Object.values(value).reduce<number>((sum, entry) => sum + measure(entry, seen), 1);
}

describe("memory", () => {
	function createMeasured(options: ReaderOptions): { reader: Reader; before: number } {
		const reader = createReader(options, () => {});
		return { reader, before: measure(reader) };
	}

	test("a megabyte of noise, headers and slashes leaves a reader as large as it was", () => {
		const chance = createChance(99);
		const { reader, before } = createMeasured({ key });
		const parts = [
			bytesOf("DB08"),
			bytesOf("DB0853414767700000018240003000"),
			textBytes("/Lux5\\1\r\n"),
			textBytes("/Lux5/Lux5"),
			textBytes("\r\n!"),
			realFrame.frame,
		];
		let now = 0;
		for (let fed = 0; fed < 1_000_000; now += chance.integer(0, 300)) {
			const bytes = chance.integer(0, 1) === 0 ? chance.bytes(chance.integer(1, 2000)) : chance.pick(parts);
			accept(reader, bytes, 0, bytes.length, now);
			fed += bytes.length;
			expect(measure(reader) - before).toBeLessThan(16_384 - 2_048 + 200);
		}
		expire(reader, now + 3_000);
		expect(Math.abs(measure(reader) - before)).toBeLessThan(200);
	});

	test("the buffer is 2 KiB, the cap and a little at most, and 2 KiB again", () => {
		for (const cap of [64, 1000, 16_384, 100_000]) {
			const reader = createReader({ key, cap }, () => {});
			const { search } = reader;
			const usual = Math.min(2_048, cap + 32);
			expect(search.bytes.length).toBe(usual);
			const endless = textBytes(`/Lux5${"x".repeat(2 * cap)}`);
			let most = 0;
			for (let at = 0; at < endless.length; at += 100) {
				accept(reader, endless, at, Math.min(at + 100, endless.length), 0);
				most = Math.max(most, search.bytes.length);
			}
			expect(most).toBeGreaterThanOrEqual(cap);
			expect(most).toBeLessThanOrEqual(cap + 32);
			expire(reader, 3_000);
			expect(search.bytes.length).toBe(usual);
		}
	});

	test("the buffer of a longer ciphered frame has its length, and no byte more", () => {
		const { search } = createReader({ key }, () => {});
		for (const length of [2_100, 4_095, 4_097, 11_000, 16_300]) {
			const frame = seal(new Uint8Array(length));
			receiveBytes(search, frame, 0, frame.length - 1, 0);
			expect(search.bytes.length).toBe(frame.length);
			expirePartial(search, 3_000);
			expect(search.bytes.length).toBe(2_048);
		}
	});

	test("a thousand system titles do not fill it", () => {
		const { reader, before } = createMeasured({ key });
		for (let count = 0; count < 1000; count += 1) {
			const systemTitle = bytesOf(count.toString(16).padStart(32, "0"));
			const bytes = seal(textBytes(specificationTelegram), { systemTitle });
			accept(reader, bytes, 0, bytes.length, 0);
		}
		expect(reader.counters.authenticated).toBe(1000);
		expect(measure(reader) - before).toBeLessThan(1000);
	});
});

describe("time to read", () => {
	/** Bytes per millisecond of processor time, the best of three runs. */
	function speed(bytes: Uint8Array): number {
		let best = 0;
		for (let run = 0; run < 3; run += 1) {
			const reader = createReader({ key }, () => {});
			const cost = measureProcessorTime(() => {
				accept(reader, bytes, 0, bytes.length, 0);
				finish(reader);
			});
			best = Math.max(best, bytes.length / cost);
		}
		return best;
	}

	// Rubbish that makes a careless search look at every byte once for each place where a frame could begin. The limit is far
	// below what was measured (500 to 5000), and far above what quadratic work gives on 64 KiB (under 10).
	test.each([
		[
			"headers that claim the cap",
			joinBytes(...new Array<Uint8Array>(4096).fill(bytesOf("DB010782400030000000000000000000"))),
		],
		["headers without a tag", joinBytes(...new Array<Uint8Array>(8192).fill(bytesOf("DB01078240002000")))],
		["slashes before a wrong CRC", textBytes(`${"/AAA5".repeat(3270)}\r\n!0000\r\n`.repeat(4))],
		["slashes before no CRC", textBytes(`${"/AAA5".repeat(3270)}\r\n!\r\n`.repeat(4))],
		["slashes without an end", textBytes("/AAA5".repeat(13_000))],
		["slashes and line feeds", textBytes("/AAA5\n\n".repeat(9_000))],
		["exclamation marks", textBytes("/AAA5\r\n!\r\n".repeat(6_000))],
		["DBs", new Uint8Array(65_536).fill(0xdb)],
	])("%s", (_name, bytes) => {
		expect(speed(bytes)).toBeGreaterThan(50);
	});
});

test("arrivals of a whole day: counters do not drift", () => {
	const arrivals: Arrival[] = [];
	for (let count = 0; count < 8640; count += 20) {
		arrivals.push({
			bytes: seal(textBytes(telegramOf([`0-0:96.7.21(${String(count).padStart(5, "0")})`])), { frameCounter: count }),
			at: count * 10_000,
		});
	}
	const { telegrams, counters } = receive({ key, authentication: "required" }, arrivals);
	expect(telegrams).toHaveLength(432);
	expect(counters.discarded).toBe(0);
});
