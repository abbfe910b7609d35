/** What the page makes of the history's bytes: of what the firmware's own modules wrote. */
import { beforeAll, describe, expect, test, vi } from "vitest";
import { listQuarters, listRecent } from "../../modules/history/blocks.js";
import { addReading, type History, openHistory, writeDue } from "../../modules/history/history.js";
import { registerIndex } from "../../modules/p1/obis.js";
import type { Telegram } from "../../modules/p1/reader.js";
import * as page from "../../page/history.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { createHouseholdStream } from "../support/household-stream.js";

const noon = Date.UTC(2026, 5, 18, 12) / 1000;

beforeAll(() => {
	process.env.TZ = "Europe/Luxembourg";
	vi.stubGlobal("navigator", { languages: ["en"] });
});

function collect(parts: Iterable<string | Uint8Array>): Uint8Array {
	// Each is copied before the next is asked for, as the server does.
	return Buffer.concat(Array.from(parts, part => Buffer.from(part as Uint8Array)));
}

function pointOf({ readings }: Telegram): page.Point {
	const value = (name: string) => readings.values[registerIndex(name)]!;
	return {
		time: readings.time! / 1000,
		net: value("active_power_import") - value("active_power_export"),
		imported: value("active_energy_import"),
		exported: value("active_energy_export"),
	};
}

/** A history with so many readings of each meter, `seconds` apart. */
function fill(count: number, seconds: number, serials = ["SAG1030700114004"]) {
	const chance = createChance(3);
	const flash = createFakeFlash(96, chance);
	const history = openHistory(flash, "smarty");
	const houses = serials.map(serial => createHouseholdStream(chance, serial, noon));
	const sent = new Map<string, page.Point[]>(serials.map(serial => [serial, []]));
	for (let at = 0; at < count; at += 1) {
		for (const house of houses) {
			const telegram = house.next(seconds);
			addReading(history, telegram, house.serial);
			writeDue(history);
			sent.get(house.serial)!.push(pointOf(telegram));
		}
	}
	return { flash, history, sent };
}

describe("the last hour", () => {
	test("is to the reading what was sent, and of the meter that was asked for", () => {
		const serials = ["SAG1030700114004", "SAG1030700114005"];
		const { history, sent } = fill(120, 10, serials);
		for (const serial of serials) {
			const points = page.decodeRecent(collect(listRecent(history.recent, serial)));
			expect(points.length).toBeGreaterThan(100);
			expect(points).toEqual(sent.get(serial)!.slice(-points.length));
		}
		expect(page.decodeRecent(collect(listRecent(history.recent, "nobody")))).toEqual([]);
	});

	test("comes in small pieces, and readings that come meanwhile do not tear it", () => {
		const { history, sent } = fill(100, 10);
		const parts = listRecent(history.recent, "SAG1030700114004");
		const pieces: (string | Uint8Array)[] = [];
		const late = createHouseholdStream(createChance(9), "SAG1030700114004", noon + 5_000);
		for (const part of parts) {
			pieces.push(part);
			if (typeof part !== "string") expect(part.length).toBeLessThanOrEqual(256);
			if (pieces.length % 4 === 0) addReading(history, late.next(10), late.serial);
		}
		const points = page.decodeRecent(collect(pieces));
		const first = sent.get("SAG1030700114004")!;
		expect(points.slice(0, 90)).toEqual(first.slice(first.length - 100, first.length - 10));
	});

	test("breaks off where a block makes room for newer readings, so that the client sees it", () => {
		const { history } = fill(400, 10);
		const parts = listRecent(history.recent, "SAG1030700114004");
		parts.next();
		const late = createHouseholdStream(createChance(9), "SAG1030700114004", noon + 5_000);
		for (let at = 0; at < 400; at += 1) addReading(history, late.next(10), late.serial);
		expect(() => [...parts]).toThrow("newer readings");
	});

	test("of another build is passed over", () => {
		const { history } = fill(20, 10);
		const bytes = collect(listRecent(history.recent, "SAG1030700114004"));
		const text = Buffer.from(bytes)
			.toString("latin1")
			.replace(/"registers":-?\d+/, match => match.slice(0, -1) + (match.endsWith("1") ? "2" : "1"));
		expect(page.decodeRecent(Buffer.from(text, "latin1"))).toEqual([]);
	});
});

function decodeSectors(bytes: Uint8Array): [string, page.Point][] {
	const found: [string, page.Point][] = [];
	for (let at = 0; at < bytes.length; at += 4_096) found.push(...page.decodeSector(bytes.slice(at, at + 4_096)));
	return found;
}

describe("quarter hours", () => {
	const take = (history: History, after = 0) => collect(listQuarters(history.quarters!, after));

	test("are all there, newest sector first, and only those that are wanted", () => {
		const { history, sent } = fill(400, 900);
		const bytes = take(history);
		expect(bytes.length % 4_096).toBe(0);
		const numbers = Array.from({ length: bytes.length / 4_096 }, (_, at) => page.numberOf(bytes.subarray(at * 4_096)));
		expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => numbers.length - at));
		const points = page.sortPoints(decodeSectors(bytes).map(([, point]) => point));
		expect(points).toEqual(sent.get("SAG1030700114004"));
		expect(take(history, numbers.length - 2).length).toBe(2 * 4_096);
		expect(take(history, numbers.length).length).toBe(0);
		// What nobody could mean is everything.
		expect(take(history, Number("x")).length).toBe(bytes.length);
	});

	test("of several meters are told apart", () => {
		const serials = ["SAG1030700114004", "SAG1030700114005", "SAG1030700114006"];
		const { history, sent } = fill(60, 900, serials);
		const found = decodeSectors(take(history));
		for (const serial of serials) {
			const own = page.sortPoints(found.filter(([name]) => name === serial).map(([, point]) => point));
			expect(own).toEqual(sent.get(serial));
		}
	});

	test("that are damaged, of another build or not there cost themselves and nothing else", () => {
		const { history, sent } = fill(60, 900);
		const bytes = take(history);
		const whole = sent.get("SAG1030700114004")!;
		// The last sample of the older sector.
		const older = bytes.slice(-4_096);
		const last = page.decodeSector(older).length;
		let end = older.length - 1;
		while (older[end] === 0xff) end -= 1;
		older[end - 2]! ^= 1;
		expect(page.decodeSector(older).map(([, point]) => point)).toEqual(whole.slice(0, last - 1));
		expect(page.decodeSector(new Uint8Array(4_096))).toEqual([]);
		expect(page.decodeSector(new Uint8Array(4_096).fill(0xff))).toEqual([]);
		expect(page.decodeSector(createChance(5).bytes(4_096))).toEqual([]);
	});

	test("break off where a sector is erased meanwhile", () => {
		const { history } = fill(400, 900);
		const parts = listQuarters(history.quarters!, 0);
		parts.next();
		history.quarters!.archive.numbers[history.quarters!.archive.sector] = 0;
		expect(() => [...parts]).toThrow("newer readings");
	});
});

describe("bars", () => {
	/** A reading each quarter hour from `start`, with 250 Wh in and 100 Wh out in each. */
	const steady = (start: number, count: number): page.Point[] =>
		Array.from({ length: count }, (_, at) => ({
			time: start + at * 900 + 3,
			net: 600,
			imported: 1_000_000 + at * 250,
			exported: 5_000 + at * 100,
		}));
	const midnight = Date.UTC(2026, 5, 17, 22) / 1000;

	test("of quarter hours are differences of registers, and gaps are gaps", () => {
		const points = steady(midnight, 9);
		const bars = page.listQuarters(points, midnight);
		expect(bars).toHaveLength(8);
		for (const bar of bars) expect(bar).toMatchObject({ imported: 250, exported: 100, partial: false });
		expect(bars.map(({ start }) => (start - midnight) / 900)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
		// Two were missed: what was used meanwhile belongs to no quarter hour.
		const gap = page.listQuarters(
			points.filter((_, at) => at !== 3 && at !== 4),
			midnight,
		);
		expect(gap.map(({ start }) => (start - midnight) / 900)).toEqual([0, 1, 5, 6, 7]);
		const open = [...points.slice(0, 4), { ...points[4]!, time: points[4]!.time - 400 }];
		expect(page.listQuarters(open, midnight).map(({ partial }) => partial)).toEqual([false, false, false, true]);
	});

	test("of days begin at the local midnight and lose nothing in a gap within a day", () => {
		const points = steady(midnight - 900 * 10, 10 + 96 + 4).filter((_, at) => at < 30 || at > 60);
		const days = page.listDays(points);
		expect(days.map(({ start }) => start)).toEqual([midnight - 86_400, midnight, midnight + 86_400]);
		expect(days.map(({ imported }) => imported)).toEqual([2_500, 24_000, 750]);
		expect(days.map(({ exported }) => exported)).toEqual([1_000, 9_600, 300]);
		expect(days.map(({ partial }) => partial)).toEqual([true, false, true]);
	});

	test("of a day with 25 hours, and of a night that was not seen", () => {
		const change = Date.UTC(2026, 9, 24, 22) / 1000;
		const days = page.listDays(steady(change, 100 + 96));
		expect(days[0]).toMatchObject({ start: change, end: change + 25 * 3_600, imported: 25_000, partial: false });
		// From 20:00 to 04:00 nothing was read: neither day is whole, and neither gets what was used meanwhile.
		const torn = page.listDays(steady(midnight, 193).filter((_, at) => at <= 80 || at >= 112));
		expect(torn.map(({ imported, partial }) => [imported, partial])).toEqual([
			[20_000, true],
			[20_000, true],
			[0, true],
		]);
	});
});
