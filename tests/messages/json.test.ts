/** Tests of `modules/messages/json.ts`. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeReadings, encodeState, formatValue, makeStateParts, messageNames } from "../../modules/messages/json.js";
import { formatTime } from "../../modules/p1/calendar.js";
import { registers } from "../../modules/p1/obis.js";
import { accept, createReader } from "../../modules/p1/reader.js";
import { telegramOf } from "../support/checksum.js";
import { oracleRead, oracleRegisters, oracleTypes } from "../support/oracle.js";
import { seal } from "../support/sealer.js";
import { telegramLines } from "../support/telegram-lines.js";
import { realFrame, specificationTelegram, textBytes } from "../support/vectors.js";

function partsOf(body: Iterator<string, void>): string[] {
	const parts: string[] = [];
	for (let part = body.next(); part.value !== undefined; part = body.next()) parts.push(part.value);
	return parts;
}

/** The state message of the only telegram in the bytes. */
function stateOf(bytes: Uint8Array, key: Uint8Array | null = null): string {
	const messages: string[] = [];
	const reader = createReader({ key }, telegram => messages.push(encodeState(telegram)));
	accept(reader, bytes, 0, bytes.length, 0);
	expect(messages).toHaveLength(1);
	return messages[0]!;
}

function golden(name: string): object {
	return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8")) as object;
}

describe("golden files", () => {
	test("the real frame, to the byte", () => {
		expect(stateOf(realFrame.frame, realFrame.key)).toBe(JSON.stringify(golden("state-2018")));
	});

	test("the specification's telegram, sealed, to the byte", () => {
		const bytes = seal(textBytes(specificationTelegram), { key: realFrame.key });
		expect(stateOf(bytes, realFrame.key)).toBe(JSON.stringify(golden("state-specification")));
	});

	test("the specification's telegram in clear: no frame counter", () => {
		const { frame_counter: _, ...rest } = golden("state-specification") as Record<string, unknown>;
		expect(stateOf(textBytes(specificationTelegram))).toBe(JSON.stringify({ ...rest, verdict: "plain" }));
	});
});

/** The decimal without what means nothing: thousandths as a fraction, no leading or trailing zeros. */
function decimal(thousandths: number): string {
	const sign = thousandths < 0 ? "-" : "";
	const digits = String(Math.abs(thousandths)).padStart(4, "0");
	const fraction = digits.slice(-3).replace(/0+$/, "");
	return `${sign}${digits.slice(0, -3)}${fraction === "" ? "" : `.${fraction}`}`;
}

describe("values keep the meter's decimals", () => {
	test.each([
		[6_695, "6.695"],
		[112_743_030, "112743.03"],
		[5, "0.005"],
		[-63_000, "-63"],
		[-1, "-0.001"],
		[0, "0"],
		[999_999_999_999, "999999999.999"],
		[999_999_999_999_999, "999999999999.999"],
	])("%d thousandths are %s", (value, expected) => {
		expect(formatValue(value, "kWh")).toBe(expected);
		expect(decimal(value)).toBe(expected);
	});

	test("any thousandths of up to 15 digits; counts as they are", () => {
		const value = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
		fc.assert(
			fc.property(fc.oneof(value, fc.integer()), thousandths => {
				expect(formatValue(thousandths, "kW")).toBe(decimal(thousandths));
				expect(formatValue(thousandths, "")).toBe(String(thousandths));
			}),
			{ numRuns: 5000 },
		);
	});

	test("times are UTC, to the second", () => {
		expect(formatTime(Date.UTC(2018, 0, 30, 9, 21, 22))).toBe("2018-01-30T09:21:22Z");
		expect(formatTime(Date.UTC(2069, 11, 31, 23, 59, 59))).toBe("2069-12-31T23:59:59Z");
	});
});

const second = (time: number) => new Date(time).toISOString().replace(".000", "");

/** A value of the oracle as it is in the message. */
function written(value: number, unit: string): string {
	if (unit === "time") return `"${second(value)}"`;
	return unit === "" ? String(value) : decimal(value);
}

/** JSON's values in the text, checked for keys that come twice, which `JSON.parse` would hide. */
function parseStrictly(json: string): Record<string, unknown> {
	const parsed = JSON.parse(json) as Record<string, unknown>;
	expect(JSON.stringify(parsed)).toBe(json);
	return parsed;
}

describe("any telegram", () => {
	test("is valid JSON that says what the oracle reads", () => {
		fc.assert(
			fc.property(telegramLines, lines => {
				const text = telegramOf(lines);
				const expected = oracleRead(text);
				const json = encodeState({
					verdict: "plain",
					frameCounter: null,
					readings: readingsOf(text),
				});
				const parsed = parseStrictly(json);
				const counted = { verdict: "authenticated", frameCounter: 7, readings: readingsOf(text) } as const;
				expect(partsOf(makeStateParts(counted)).join("")).toBe(
					json.replace('{"verdict":"plain",', '{"verdict":"authenticated","frame_counter":7,'),
				);
				for (const { name, unit } of oracleRegisters) {
					const value = expected.values[name];
					const token = new RegExp(`"${name}":([^,}]*)`).exec(json)?.[1];
					expect(token, name).toBe(value === undefined ? undefined : written(value, unit));
				}
				expect(parsed.serial).toBe(expected.serial ?? undefined);
				expect(parsed.equipment_id).toBe(expected.equipment ?? undefined);
				expect(parsed.clock).toBe(expected.clock === "local" ? "local" : undefined);
				expect(parsed.power_failure_log ?? []).toEqual(
					expected.failures.map(({ time, duration }) =>
						time === null ? { duration } : { time: second(time), duration },
					),
				);
				expect(parsed.version).toBe(expected.version ?? undefined);
				expect(parsed.time).toBe(
					expected.time === null ? undefined : new Date(expected.time).toISOString().replace(".000", ""),
				);
				expect(messageNames.map(name => parsed[name] ?? null)).toEqual(expected.messages);
				expect(parsed.devices ?? []).toEqual(
					expected.devices.map(({ type, id, channel, value, unit, time, valve }) => ({
						type,
						channel,
						...(id === null ? {} : { id }),
						...(value === null ? {} : { value: value / 1000 }),
						...(unit === "" ? {} : { unit }),
						...(time === null ? {} : { time: new Date(time).toISOString().replace(".000", "") }),
						...(valve === null ? {} : { valve_state: valve }),
					})),
				);
				for (const [code, value] of expected.objects) {
					expect((parsed.objects as Record<string, string>)[code], code).toContain(value);
				}
			}),
			{ numRuns: 400 },
		);
	});

	test("an object that comes twice keeps both values, under one key", () => {
		const json = encodeReadings(readingsOf(telegramOf(["0-0:96.99.0(0002)", '9-9:9.9.9("\\)', "0-0:96.99.0(0001)"])));
		expect(parseStrictly(json).objects).toEqual({ "0-0:96.99.0": "(0002)(0001)", "9-9:9.9.9": '("\\)' });
	});

	test("quotes, backslashes and foreign characters are text", () => {
		const message = Buffer.from('"\\\u2028💡</script>').toString("hex");
		const text = telegramOf([`0-0:96.13.0(${message})`, '1-3:0.2.8("\\)'], 'ABC5"\\\t');
		expect(parseStrictly(encodeReadings(readingsOf(text)))).toEqual({
			identification: 'ABC5"\\\t',
			version: '"\\',
			message: '"\\\u2028💡</script>',
		});
	});
});

function readingsOf(text: string) {
	const bytes = textBytes(text);
	const found: Parameters<typeof encodeReadings>[0][] = [];
	const reader = createReader({ key: null }, telegram => found.push(telegram.readings));
	accept(reader, bytes, 0, bytes.length, 0);
	expect(found).toHaveLength(1);
	return found[0]!;
}

test("a state message in parts is the same to the byte, and no part is long", () => {
	const texts = ["", "short", "😀\ud800\udc00\ud83d".repeat(100), '"\\ü'.repeat(400), "\udc00".repeat(300)];
	const readings = readingsOf(specificationTelegram);
	for (const text of texts) {
		readings.messages = [text, null, text, null, `x${text}`];
		readings.serial = text;
		readings.objects = [text, "(1)", text].map((value, at) => ({ code: `1-1:${at & 1}`, value }));
		const source = { verdict: "plain", frameCounter: null, readings } as const;
		const parts = partsOf(makeStateParts(source));
		const telegram = { ...source, systemTitle: null, bytes: new Uint8Array(0), start: 0, end: 0 };
		expect(parts.join("")).toBe(encodeState(telegram));
		// Half a pair is six characters of JSON.
		expect(Math.max(...parts.map(part => part.length))).toBeLessThanOrEqual(6 * 129);
		for (const part of parts) expect(part).toBe(Buffer.from(part).toString());
	}
});

describe("docs/topics.md", () => {
	const page = readFileSync(new URL("../../docs/topics.md", import.meta.url), "utf8");

	/** The rows of the first table behind a heading, cells trimmed, without the two head rows. */
	function table(heading: string): string[][] {
		const lines = page.slice(page.indexOf(`\n${heading}\n`)).split("\n");
		const start = lines.findIndex(line => line.startsWith("|"));
		const length = lines.slice(start).findIndex(line => !line.startsWith("|"));
		return lines.slice(start + 2, start + length).map(line =>
			line
				.split("|")
				.slice(1, -1)
				.map(cell => cell.trim()),
		);
	}

	/** `current_l1`, `_l2` and `message_2` … `message_5` in full. */
	function fieldNames(cell: string): string[] {
		const written = [...cell.matchAll(/`([^`]+)`/g)].map(match => match[1]!);
		const first = written[0]!.replace(/_[lqt]1$/, "");
		const names = written.map(name => (name.startsWith("_") ? first + name : name));
		const range = /`(\w+_)(\d)` … `\1(\d)`/.exec(cell);
		for (let number = Number(range?.[2]) + 1; number < Number(range?.[3]); number += 1)
			names.push(`${range![1]}${number}`);
		return names;
	}

	const rows = [...table("## The state message"), ...table("### What meters of other countries send")];
	const documented = rows.flatMap(([cell = ""]) => fieldNames(cell));

	test("names every field of the state message, and no other", () => {
		const meter = ["identification", "serial", "equipment_id", "version", "time", "clock"];
		const fields = ["verdict", "frame_counter", ...meter, "devices", "power_failure_log", "objects"];
		expect(documented.slice().sort()).toEqual(
			[...fields, "active_power", ...messageNames, ...registers.map(({ name }) => name)].sort(),
		);
	});

	test("gives each register its code and unit", () => {
		for (const { name, code, unit } of oracleRegisters) {
			const row = rows.find(([cell = ""]) => fieldNames(cell).includes(name))!;
			const codes = row[1]!
				.split(", ")
				.map((text, _, all) => (text.includes("-") ? text : `${all[0]!.split(":")[0]}:${text}`));
			const position = fieldNames(row[0]!).indexOf(name);
			expect(codes[codes.length === 1 ? 0 : position], name).toBe(code);
			expect(row[2], name).toBe(unit === "1" || unit === "time" ? "" : unit);
		}
	});

	test("names every field and every type of a device", () => {
		const devices = table("### `devices`");
		expect(devices.flatMap(([cell = ""]) => fieldNames(cell))).toEqual([
			"type",
			"channel",
			"id",
			"value",
			"unit",
			"time",
			"valve_state",
		]);
		const types = devices[0]!.at(-1)!;
		expect([...types.matchAll(/`([^`]+)`/g)].map(match => match[1]).sort()).toEqual(Object.values(oracleTypes).sort());
	});

	test("its example is the golden file", () => {
		const example = /```json\n([\s\S]*?)```/.exec(page.slice(page.indexOf("### Example")))![1]!;
		expect(JSON.parse(example)).toEqual(golden("state-2018"));
	});
});

test("docs/faults.md explains every fault, and no other", async () => {
	const { faultNames } = await import("../../modules/p1/faults.js");
	const page = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
	const faults = page.slice(0, page.indexOf("\n## "));
	const named = [...faults.matchAll(/^\| `(\w+)` +\|/gm)].map(match => match[1]);
	expect(named.sort()).toEqual([...faultNames].sort());
});
