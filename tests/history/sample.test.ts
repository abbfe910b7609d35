/** Tests of `modules/history/sample.ts`. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
	countNumbers,
	decodeSample,
	describeShape,
	encodeSample,
	isSameShape,
	longestSample,
	missing,
	restoreTelegram,
	type Sample,
	takeSample,
} from "../../modules/history/sample.js";
import { encodeState } from "../../modules/messages/json.js";
import { registers, usualCount } from "../../modules/p1/obis.js";
import { accept, createReader, type Telegram } from "../../modules/p1/reader.js";
import { type Chance, createChance } from "../support/chance.js";
import { telegramOf } from "../support/checksum.js";
import { createHouseholdStream } from "../support/household-stream.js";
import { readTelegram } from "../support/telegrams.js";

const most = 999_999_999;

function randomSample(chance: Chance, count: number, like: Sample | null): Sample {
	const number = () =>
		chance.pick([
			null,
			0,
			chance.integer(-10, 10),
			chance.integer(-most, most),
			1_000 * chance.integer(-999_999, 999_999),
			10 ** chance.integer(0, 9),
		]);
	return {
		verdict: chance.pick(["authenticated", "crc-only", "plain"]),
		time: chance.pick([null, chance.integer(0, 2 ** 33), (like?.time ?? 1_760_000_000) + 10]),
		frameCounter: chance.pick([null, 0, 0xffff_ffff, chance.integer(0, 0xffff_ffff)]),
		numbers: Float64Array.from({ length: count }, (_, at) =>
			like !== null && chance.integer(0, 1) === 0 ? like.numbers[at]! : (number() ?? missing),
		),
	};
}

test("any sample comes back, whole or as a difference, in the bytes it took and no fewer", () => {
	const chance = createChance(1);
	const bytes = new Uint8Array(longestSample + 8);
	for (let round = 0; round < 5_000; round++) {
		const count = usualCount + 3 * chance.integer(0, 4);
		const previous = chance.integer(0, 2) === 0 ? null : randomSample(chance, count, null);
		const sample = randomSample(chance, count, previous);
		const start = chance.integer(0, 8);
		const end = encodeSample(sample, previous, bytes, start);
		const cursor = { bytes, at: start, end };
		expect(decodeSample(cursor, count, previous)).toEqual(sample);
		expect(cursor.at).toBe(end);
		const short = chance.integer(start, end - 1);
		expect(decodeSample({ bytes, at: start, end: short }, count, previous)).toBeNull();
	}
});

test("the longest sample fits", () => {
	const count = usualCount + 8 + 12;
	const numbers = new Float64Array(count).fill(-999_999_999_999);
	const sample: Sample = { verdict: "plain", time: 2 ** 33, frameCounter: 0xffff_ffff, numbers };
	expect(encodeSample(sample, null, new Uint8Array(2_000), 0)).toBeLessThanOrEqual(longestSample);
});

test("random bytes are a sample or null, never an exception", () => {
	const chance = createChance(2);
	for (let round = 0; round < 5_000; round++) {
		const bytes = chance.bytes(chance.integer(0, 80));
		const sample = decodeSample({ bytes, at: 0, end: bytes.length }, usualCount, null);
		if (sample !== null) expect(sample.numbers).toHaveLength(usualCount);
	}
});

describe("the state message of a restored telegram is that of the telegram", () => {
	function roundTrip(telegram: Telegram): Telegram {
		const shape = describeShape(telegram);
		const bytes = new Uint8Array(longestSample);
		const end = encodeSample(takeSample(telegram), null, bytes, 0);
		return restoreTelegram(shape, decodeSample({ bytes, at: 0, end }, countNumbers(shape), null)!);
	}

	test("of a real meter", () => {
		const vector = JSON.parse(readFileSync(new URL("../vectors/luxembourg-2018.json", import.meta.url), "utf8"));
		const texts: string[] = [];
		const reader = createReader({ key: Uint8Array.from(Buffer.from(vector.key, "hex")) }, telegram =>
			texts.push(encodeState(telegram), encodeState(roundTrip(telegram))),
		);
		const frame = Uint8Array.from(Buffer.from(vector.frame, "hex"));
		accept(reader, frame, 0, frame.length, 0);
		expect(texts).toHaveLength(2);
		expect(texts[1]).toBe(texts[0]);
	});

	test("of a meter of another country: tariffs, peak and its time, equipment identifier", () => {
		const telegram = readTelegram(
			telegramOf([
				"0-0:1.0.0(260715120010S)",
				"0-0:96.1.1(3153414700000000000000000041)",
				"1-0:1.8.1(000100.000*kWh)",
				"1-0:1.8.2(000200.000*kWh)",
				"1-0:1.6.0(260712134500S)(02.589*kW)",
				"0-1:24.2.3(260715115500S)(00700.007*m3)",
			]),
		);
		expect(telegram.readings.others).toHaveLength(4);
		expect(encodeState(roundTrip(telegram))).toBe(encodeState(telegram));
		const fewer = readTelegram(telegramOf(["0-0:1.0.0(260715120010S)", "1-0:1.8.1(000100.000*kWh)"]));
		expect(isSameShape(describeShape(telegram, "A"), describeShape(fewer, "A"))).toBe(false);
	});

	test("of more registers than are kept: the first eight of the others", () => {
		const lines = registers.slice(usualCount).map(({ code, unit }) => `${code}(1${unit === "" ? "" : `*${unit}`})`);
		const telegram = readTelegram(telegramOf(lines));
		expect(telegram.readings.others.length).toBeGreaterThan(40);
		expect(roundTrip(telegram).readings.others).toEqual(telegram.readings.others.slice(0, 8));
	});

	test("with four meters on the bus, without texts and unknown objects", () => {
		const specification = JSON.parse(
			readFileSync(new URL("../vectors/luxembourg-spec-1.1.3.json", import.meta.url), "utf8"),
		);
		const texts: string[] = [];
		const reader = createReader({ key: null, authentication: "off" }, telegram => {
			const { readings } = telegram;
			expect(readings.devices.length).toBeGreaterThan(1);
			const kept = { ...telegram, readings: { ...readings, messages: [], objects: [] } };
			texts.push(encodeState(kept), encodeState(roundTrip(telegram)));
		});
		const bytes = new TextEncoder().encode(specification.telegram);
		accept(reader, bytes, 0, bytes.length, 0);
		expect(texts).toHaveLength(2);
		expect(texts[1]).toBe(texts[0]);
	});
});

test("shapes are the same when nothing but numbers differs", () => {
	const chance = createChance(3);
	const house = createHouseholdStream(chance);
	const one = describeShape(house.next(10));
	expect(isSameShape(one, describeShape(house.next(10)))).toBe(true);
	const telegram = house.next(10);
	for (const change of [{ id: "other" }, { type: "water" }, { channel: 2 }, { unit: "GJ" as const }]) {
		const devices = telegram.readings.devices.map(device => ({ ...device, ...change }));
		expect(isSameShape(one, describeShape({ ...telegram, readings: { ...telegram.readings, devices } }))).toBe(false);
	}
	expect(isSameShape(one, describeShape({ ...telegram, readings: { ...telegram.readings, devices: [] } }))).toBe(false);
	expect(isSameShape(one, describeShape(createHouseholdStream(chance, "SAG2").next(10)))).toBe(false);
});
