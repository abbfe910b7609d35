/** Tests of `modules/meter/account.ts`. */
import { describe, expect, test } from "vitest";
import {
	type Account,
	addReading,
	createAccount,
	encodeAccount,
	packAccount,
	type Reading,
	reportQuarter,
	unpackAccount,
} from "../../modules/meter/account.js";
import { addUp, type Episode } from "./reference.js";

const minute = 60_000;

/** A deterministic number from 0 to below 1. */
function createChance(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		return (state >>> 8) / 0x1000000;
	};
}

/** What the module comes to when it loses at each restart all that it has not asked to store. */
function account(limit: number, episodes: readonly Episode[]): Account {
	let current = createAccount(limit);
	let stored: string | null = null;
	for (const episode of episodes) {
		current = createAccount(limit);
		if (stored !== null) expect(unpackAccount(current, stored, "SAG1")).toBe(true);
		for (const reading of episode) {
			addReading(current, reading);
			if (!current.changed) continue;
			current.changed = false;
			stored = packAccount(current, "SAG1");
			expect(stored.length).toBeLessThanOrEqual(250);
		}
	}
	return current;
}

/** Readings every ten seconds or so, with gaps of a few minutes to a day, and restarts. */
function simulate(start: number, end: number, seed: number): Episode[] {
	const chance = createChance(seed);
	const episodes: Reading[][] = [[]];
	let energy = 11_634_750;
	let power = 500;
	let time = start + Math.floor(chance() * 10_000);
	time -= time % 1000;
	while (time < end) {
		const previous = time;
		const event = chance();
		if (event < 0.0002) time += 1000 * Math.floor(chance() * chance() * 20_000);
		else if (event < 0.0004) {
			episodes.push([]);
			time += 1000 * Math.floor(5 + chance() * 120);
		} else time += chance() < 0.1 ? 20_000 : 10_000;
		if (chance() < 0.003) power = chance() < 0.3 ? Math.floor(chance() * 11_000) : Math.floor(chance() * 2500);
		energy += (power * (time - previous)) / 3_600_000;
		if (time < end) episodes[episodes.length - 1].push({ time, register: Math.floor(energy), power });
	}
	return episodes.filter(episode => episode.length > 0);
}

describe("power classes against a slow reference", () => {
	// Each span ends within the month or on the day that counts: the clocks change on 2025-03-30 and 2025-10-26.
	const spans = [
		["March, at the end of the month", "2025-02-27T23:00:00Z", "2025-03-31T21:50:00Z"],
		["the day when summer begins", "2025-03-29T03:00:00Z", "2025-03-30T20:07:00Z"],
		["October, at the end of the month", "2025-09-29T22:00:00Z", "2025-10-31T22:50:00Z"],
		["the day when summer ends", "2025-10-24T03:00:00Z", "2025-10-26T22:40:00Z"],
		["the night of the new year", "2025-12-30T03:00:00Z", "2025-12-31T23:20:00Z"],
	] as const;
	for (const [name, start, end] of spans) {
		test(name, () => {
			for (const limit of [3000, 7000]) {
				const episodes = simulate(Date.parse(start), Date.parse(end), limit);
				const result = account(limit, episodes);
				const expected = addUp(limit, episodes);
				expect(expected.month.missing).toBeGreaterThan(0);
				expect({ today: result.today, month: result.month }).toEqual({ today: expected.today, month: expected.month });
				expect({ peak: result.peak, peakTime: result.peakTime }).toEqual(expected.peak);
			}
		});
	}
});

describe("the current quarter hour", () => {
	const start = Date.parse("2025-01-15T10:00:00Z");

	test("mean, forecast and what is above the class", () => {
		const state = createAccount(3000);
		addReading(state, { time: start, register: 1000, power: 4000 });
		addReading(state, { time: start + 5 * minute, register: 1400, power: 6000 });
		// 400 Wh in 5 minutes, and 6000 W for the 10 that are left: 1400 Wh.
		expect(reportQuarter(state)).toEqual({ energy: 400, power: 4800, forecast: 5600 });
		addReading(state, { time: start + 15 * minute - 5000, register: 2390, power: 6000 });
		addReading(state, { time: start + 15 * minute + 5000, register: 2410, power: 6000 });
		expect(state.today.exceeded).toBe(1400 - 750);
		// From midnight, 23:00 UTC, to 10:00 nobody looked.
		expect(JSON.parse(encodeAccount(state, 0.1139) ?? "")).toEqual({
			time: "2025-01-15T10:15:05Z",
			class: 3,
			quarter: "2025-01-15T10:15:00Z",
			quarter_energy: 0.01,
			quarter_power: 7.2,
			quarter_forecast: 6.007,
			exceeded_today: 0.65,
			missing_today: 44,
			exceeded_month: 0.65,
			missing_month: 14 * 96 + 44,
			cost_month: 0.07,
			peak_month: 5.6,
			peak_time: "2025-01-15T10:00:00Z",
		});
	});

	test("is unknown where its beginning was not seen", () => {
		const state = createAccount(3000);
		expect(encodeAccount(state, null)).toBeNull();
		addReading(state, { time: start + minute, register: 1000, power: 4000 });
		expect(reportQuarter(state)).toEqual({ energy: null, power: null, forecast: null });
		expect(encodeAccount(state, null)).not.toContain("cost");
	});

	test("a telegram that comes twice, or a clock put back a little, changes nothing", () => {
		const state = createAccount(3000);
		addReading(state, { time: start, register: 1000, power: 4000 });
		addReading(state, { time: start + minute, register: 1100, power: 4000 });
		const before = packAccount(state, "SAG1");
		addReading(state, { time: start + minute, register: 1100, power: 4000 });
		addReading(state, { time: start - 30_000, register: 1101, power: 4000 });
		expect(packAccount(state, "SAG1")).toBe(before);
	});

	test("a register that falls or a clock put back far begin anew", () => {
		for (const [time, register] of [
			[start + 15 * minute + 5000, 20],
			[start - 120 * minute, 5000],
		] as const) {
			const state = createAccount(3000);
			addReading(state, { time: start, register: 1000, power: 4000 });
			addReading(state, { time: start + 15 * minute - 5000, register: 4000, power: 4000 });
			addReading(state, { time, register, power: 4000 });
			expect(state.month.exceeded).toBe(0);
			expect(state.register).toBe(time % 900_000 === 0 ? register : null);
		}
	});
});

test("a stored account that is damaged, of another class or of another meter is refused", () => {
	const state = createAccount(3000);
	addReading(state, { time: Date.parse("2025-01-15T10:00:00Z"), register: 1000, power: 4000 });
	const good = packAccount(state, "SAG1");
	for (const text of ["", "{}", "[1]", good.slice(0, -1), good.replace("3000", "7000"), good.replace("1000", '"x"')]) {
		const fresh = createAccount(3000);
		expect(unpackAccount(fresh, text, "SAG1")).toBe(false);
		expect(fresh).toEqual(createAccount(3000));
	}
	expect(unpackAccount(createAccount(3000), good, "SAG1")).toBe(true);
	const other = createAccount(3000);
	expect(unpackAccount(other, good, "SAG2")).toBe(false);
	expect(other).toEqual(createAccount(3000));
});
