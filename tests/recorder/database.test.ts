/** The recorder's file: each reading once, whatever way it comes; what falls; thinning; a second process. */
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { type FileSink, openDatabase } from "../../recorder/database.js";
import type { Account, Reading } from "../../recorder/entry.js";
import { createQueries } from "../../recorder/queries.js";
import { thin } from "../../recorder/thin.js";
import { waitUntil } from "../support/wait.js";
import { makeFolder, sample } from "./samples.js";

const start = Date.UTC(2026, 0, 10) / 1000;

function open(path = join(makeFolder(), "recorder.db")): FileSink {
	const file = openDatabase(path);
	onTestFinished(() => file.close().catch(() => {}));
	return file;
}

function dump(file: FileSink, table = "reading"): [time: number, imported: number, fallen: boolean][] {
	const by = table === "reading" ? "reading" : "quarter";
	return createQueries(file)
		.readPage(by, 1, 0, 4e9, 1e6)
		.map(({ time, numbers, flags }) => [time, numbers[0]!, (flags & 16) !== 0]);
}

test("duplicates, late ones and two readers fold into one series", async () => {
	const file = open();
	const series = Array.from({ length: 400 }, (_, at) => sample(start + at * 10, 1_000 + at * 3));
	const shuffled = series.filter((_, at) => at % 3 === 0);
	await file.write(shuffled);
	await file.write([...series].reverse());
	await file.write(series);
	expect(dump(file)).toEqual(series.map(({ time, numbers }) => [time, numbers[0], false]));
	expect(file.report()).toMatchObject({ readings: 400, duplicates: 400 + shuffled.length, conflicts: 0, falls: 0 });
	expect(dump(file, "quarter").map(([time]) => time)).toEqual(
		Array.from({ length: 5 }, (_, at) => start + at * 900).filter(time => time < start + 4_000),
	);
});

test("any order of any pieces gives what the sorted series gives", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.nat(3_000), fc.nat(50)), { minLength: 1, maxLength: 40 }),
			fc.infiniteStream(fc.nat()),
			async (pairs, chance) => {
				const byTime = new Map(pairs.map(([time, value]) => [start + time, value]));
				const sorted = [...byTime].sort(([one], [other]) => one - other);
				const mixed = sorted
					.map(pair => ({ pair, key: chance.next().value }))
					.sort((one, other) => one.key - other.key);
				const file = openDatabase(":memory:");
				for (const { pair } of mixed) await file.write([sample(...pair)]);
				const expected = sorted.map(([time, value], at) => [time, value, at > 0 && value < sorted[at - 1]![1]]);
				expect(dump(file)).toEqual(expected);
				// The first of each quarter hour.
				const firsts = sorted.filter(
					([time], at) => Math.floor(time / 900) !== Math.floor((sorted[at - 1]?.[0] ?? 0) / 900),
				);
				expect(dump(file, "quarter").map(([time, value]) => [time, value])).toEqual(firsts);
				const falls = createQueries(file).listFalls(1);
				expect(falls).toHaveLength(expected.filter(([, , fallen]) => fallen).length);
				await file.close();
			},
		),
		{ numRuns: 60 },
	);
});

test("a register that falls is kept and flagged, and a late reading sets right what was flagged", async () => {
	const file = open();
	await file.write([sample(start, 5_000), sample(start + 20, 4_000)]);
	expect(dump(file)).toEqual([
		[start, 5_000, false],
		[start + 20, 4_000, true],
	]);
	expect(createQueries(file).listFalls(1)).toEqual([
		{ time: start + 20, register: "active_energy_import", before: 5_000, after: 4_000 },
	]);
	await file.write([sample(start + 10, 3_000)]);
	expect(dump(file).map(([, , fallen]) => fallen)).toEqual([false, true, false]);
	expect(createQueries(file).listFalls(1)).toEqual([
		{ time: start + 10, register: "active_energy_import", before: 5_000, after: 3_000 },
	]);
});

test("of two readings of one moment that differ the better verified one counts, and else the first", async () => {
	const file = open();
	await file.write([sample(start, 10, { verdict: "plain" }), sample(start, 20), sample(start, 30)]);
	expect(dump(file)).toEqual([[start, 20, false]]);
	expect(dump(file, "quarter")).toEqual([[start, 20, false]]);
	expect(file.report()).toMatchObject({ readings: 1, conflicts: 2, duplicates: 0 });
});

test("another list of registers is another shape, and numbers keep their names", async () => {
	const file = open();
	const names = ["gas/F1/value m³", "active_energy_import"];
	await file.write([sample(start, 1), sample(start + 10, 0, { names, numbers: [28_103, 2] }), sample(start + 20, 3)]);
	const rows = createQueries(file).readPage("reading", 1, 0, 4e9, 10);
	expect(
		rows.map(({ shape, numbers }) => Object.fromEntries(shape.names.map((name, at) => [name, numbers[at]]))),
	).toEqual([
		{ active_energy_import: 1, active_energy_export: 0, active_power_import: 1_000, active_power_export: 0 },
		{ "gas/F1/value m³": 28_103, active_energy_import: 2 },
		{ active_energy_import: 3, active_energy_export: 0, active_power_import: 1_000, active_power_export: 0 },
	]);
});

test("what was committed is there for the next process; a second one beside it is refused", async () => {
	const path = join(makeFolder(), "recorder.db");
	const file = open(path);
	await file.write([sample(start, 7)]);
	expect(() => openDatabase(path)).toThrow("another recorder has it");
	const client = file.clientId(() => "first");
	await file.close();
	const again = open(path);
	expect(dump(again)).toEqual([[start, 7, false]]);
	expect(again.clientId(() => "second")).toBe(client);
	await again.write([sample(start, 7), sample(start + 10, 6)]);
	expect(dump(again).map(([, , fallen]) => fallen)).toEqual([false, true]);
	expect(again.report().duplicates).toBe(1);
});

test("a batch that fails leaves nothing behind, and comes again whole", async () => {
	const file = open();
	await file.write([sample(start, 1)]);
	file.file.exec(
		"CREATE TRIGGER full BEFORE INSERT ON quarter WHEN NEW.time >= 1 BEGIN SELECT RAISE(ABORT, 'full'); END",
	);
	const batch = [sample(start + 10, 2), sample(start + 900, 3)];
	await expect(file.write(batch)).rejects.toThrow("full");
	expect(dump(file)).toHaveLength(1);
	file.file.exec("DROP TRIGGER full");
	await file.write(batch);
	expect(dump(file)).toHaveLength(3);
	expect(file.report()).toMatchObject({ readings: 3, duplicates: 0, failures: 1 });
});

test("thinning keeps the first reading of each quarter hour for ever, the rest for its days, and the newest always", async () => {
	const file = open();
	const other = { meter: "SILENT" };
	const series: Reading[] = Array.from({ length: 900 }, (_, at) => sample(start + at * 10, at));
	await file.write([...series, sample(start, 5, other)]);
	const lines: string[] = [];
	thin(file, start + 4_500, line => lines.push(line));
	await waitUntil("thinned", () => dump(file).length === 450);
	expect(dump(file)[0]).toEqual([start + 4_500, 450, false]);
	expect(dump(file, "quarter").map(([time]) => time)).toEqual(Array.from({ length: 10 }, (_, at) => start + at * 900));
	expect(createQueries(file).readPage("reading", 2, 0, 4e9, 9)).toHaveLength(1);
	// What comes late is taken all the same, and thinned later.
	await file.write([series[3]!, series[90]!]);
	expect(dump(file, "quarter")).toHaveLength(10);
	expect(lines).toEqual([]);
});

test("of a month the account of the reader that missed least, at the newest quarter hour", async () => {
	const file = open();
	const account = (time: number, missing: number, exceeded: number): Account => {
		const rest = { limit: 3_000, cost: null, peak: null, peakTime: null, text: "{}" };
		return { kind: "account", meter: "M", time, missing, exceeded, ...rest };
	};
	await file.write([
		account(start + 5, 0, 10),
		account(start + 6, 4, 2),
		account(start + 900, 4, 3),
		account(start + 901, 0, 11),
	]);
	await file.write([account(start + 902, 4, 3), account(start + 40 * 86_400, 0, 1)]);
	const found = createQueries(file).listAccounts(1);
	expect(found.map(({ exceeded, month }) => [exceeded, new Date(month * 1000).toISOString()])).toEqual([
		[0.011, "2025-12-31T23:00:00.000Z"],
		[0.001, "2026-01-31T23:00:00.000Z"],
	]);
});
