/** Tests of `modules/meter/rate.ts`. */
import { describe, expect, test } from "vitest";
import { createRate, isDue, type Rate, restartRate } from "../../modules/meter/rate.js";
import { createChance } from "../support/chance.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";

const bands = { energy: 10, power: 50, voltage: 2000, current: 0, index: 4 };

/** Whether a telegram at `seconds` in which these lines are different is published. */
function offer(policy: Rate | null, seconds: number, ...lines: string[]): boolean {
	let text = specificationTelegram;
	for (const line of lines) text = changeLine(text, line.slice(0, line.indexOf("(")), line);
	return isDue(policy, readTelegram(text).readings, seconds * 1000);
}

test("every telegram", () => {
	const policy = createRate("telegram", 0, bands);
	expect([0, 10, 10, 20].map(time => offer(policy, time))).toEqual([true, true, true, true]);
});

test("every thirty seconds, though telegrams come a little early or late", () => {
	const policy = createRate("interval", 30_000, bands);
	const times = [0, 10.1, 19.9, 29.9, 40, 50, 59.8, 70, 80, 90];
	expect(times.map(time => offer(policy, time, `1-0:1.7.0(0${(time * 10) | 0}*W)`))).toEqual(
		times.map(time => [0, 29.9, 59.8, 90].includes(time)),
	);
});

/** When telegrams are published, in seconds, of a meter that sends every `spacing` seconds, give or take `jitter`. */
function publishTimes(period: number, spacing: number, count: number, jitter = 0, seed = 1): number[] {
	const policy = createRate("interval", period * 1000, bands);
	const chance = createChance(seed);
	const { readings } = readTelegram(specificationTelegram);
	const times: number[] = [];
	for (let at = 0; at < count; at += 1) times.push(5 + at * spacing + chance.integer(-1000, 1000) * 0.001 * jitter);
	return times.sort((one, other) => one - other).filter(time => isDue(policy, readings, Math.round(time * 1000)));
}

function gapsOf(times: readonly number[]): number[] {
	return times.slice(1).map((time, at) => time - times[at]);
}

function meanOf(numbers: readonly number[]): number {
	return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

describe("every ten seconds", () => {
	test("of a meter that sends each second: every tenth telegram", () => {
		expect(gapsOf(publishTimes(10, 1, 3600))).toEqual(new Array(359).fill(10));
	});

	test.each([1, 2, 3, 4, 5])(
		"of one that sends each second, a second early or late: ten on average (seed %i)",
		seed => {
			const gaps = gapsOf(publishTimes(10, 1, 36_000, 1, seed));
			expect(meanOf(gaps)).toBeGreaterThan(9.99);
			expect(meanOf(gaps)).toBeLessThan(10.01);
			expect(Math.min(...gaps)).toBeGreaterThan(6);
			expect(Math.max(...gaps)).toBeLessThan(14);
		},
	);

	test.each([1, 2, 3, 4, 5])("of one that sends each ten, a second early or late: every telegram (seed %i)", seed => {
		expect(publishTimes(10, 10, 8640, 1, seed)).toHaveLength(8640);
	});

	test.each([9.99, 9.999, 10.001, 10.01])("of one whose ten seconds are %d: every telegram", spacing => {
		expect(publishTimes(10, spacing, 50_000)).toHaveLength(50_000);
		expect(publishTimes(10, spacing, 50_000, 1)).toHaveLength(50_000);
	});
});

test.each([
	[30, 10],
	[25, 10],
	[15, 10],
	[10, 4],
	[10, 3],
	[60, 7],
	[3600, 10],
	[11, 10],
	[12, 10],
	[13, 10],
	[14, 10],
	[31, 30],
	[35, 30],
	[59, 30],
])("every %i seconds of a meter that sends each %i: so many on average, and never a burst", (period, spacing) => {
	for (const jitter of [0, 1]) {
		const gaps = gapsOf(publishTimes(period, spacing, Math.ceil((500 * period) / spacing), jitter));
		expect(Math.abs(meanOf(gaps) / period - 1)).toBeLessThan(0.01);
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(period / 2);
	}
});

test("when some of a quick meter's telegrams are lost, two messages are not nearer than half of the interval", () => {
	for (const pause of [3, 6, 8, 9, 12, 17, 40]) {
		const policy = createRate("interval", 10_000, bands);
		const times = Array.from({ length: 200 }, (_, at) => at).filter(time => time % 50 < 22 || time % 50 >= 22 + pause);
		const gaps = gapsOf(times.filter(time => offer(policy, time)));
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5);
	}
});

test("a meter slower than the interval: every telegram", () => {
	expect(publishTimes(10, 12, 1000, 1)).toHaveLength(1000);
	expect(publishTimes(30, 60, 1000, 1)).toHaveLength(1000);
});

test("after a pause the interval begins anew: what was missed is not made up for", () => {
	const policy = createRate("interval", 10_000, bands);
	const published = (times: number[]) => times.filter(time => offer(policy, time));
	const seconds = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
	expect(published(seconds(0, 15))).toEqual([0, 10]);
	expect(published(seconds(29, 60))).toEqual([29, 39, 49, 59]);
	expect(published(seconds(3_600, 3_625))).toEqual([3_600, 3_610, 3_620]);
});

test("begun anew, the next telegram is published, and the one an interval behind it", () => {
	const policy = createRate("interval", 60_000, bands);
	const published = (times: number[]) => times.filter(time => offer(policy, time));
	expect(published([0, 10, 20])).toEqual([0]);
	restartRate(policy);
	expect(published([30, 40, 50, 60, 70, 80, 90, 100])).toEqual([30, 90]);
});

test("on change by more than the dead band", () => {
	const policy = createRate("change", 600_000, bands);
	expect(offer(policy, 0)).toBe(true);
	expect(offer(policy, 10)).toBe(false);
	// 5 W were published: 55 W is within the band, 56 W is not; from then on 56 W counts.
	expect(offer(policy, 20, "1-0:1.7.0(00.055*kW)")).toBe(false);
	expect(offer(policy, 30, "1-0:1.7.0(00.056*kW)")).toBe(true);
	expect(offer(policy, 40, "1-0:1.7.0(00.006*kW)")).toBe(false);
	expect(offer(policy, 50, "1-0:1.7.0(00.005*kW)")).toBe(true);
	expect(offer(policy, 60, "1-0:32.7.0(231.0*V)")).toBe(false);
	expect(offer(policy, 70, "1-0:32.7.0(230.9*V)")).toBe(true);
	expect(offer(policy, 80, "1-0:32.7.0(230.9*V)", "1-0:1.8.0(000025.663*kWh)")).toBe(false);
	expect(offer(policy, 90, "1-0:32.7.0(230.9*V)", "1-0:1.8.0(000025.664*kWh)")).toBe(true);
});

test("states, counts, devices and what comes or goes are changes", () => {
	const policy = createRate("change", 600_000, bands);
	offer(policy, 0);
	expect(offer(policy, 10, "0-0:96.3.10(2)")).toBe(true);
	expect(offer(policy, 20, "0-0:96.3.10(2)", "0-0:96.7.21(00100)")).toBe(true);
	expect(offer(policy, 30)).toBe(true);
	expect(offer(policy, 40, "0-4:24.4.0(0)")).toBe(true);
	expect(offer(policy, 50, "0-4:24.4.0(0)", "0-4:24.2.1(200706102900S)(00028.104*m3)")).toBe(false);
	expect(offer(policy, 60, "0-4:24.4.0(0)", "0-4:24.2.1(200706102900S)(00028.105*m3)")).toBe(true);
	const less = readTelegram(changeLine(specificationTelegram, "1-0:32.7.0", null)).readings;
	offer(policy, 70);
	expect(isDue(policy, less, 80_000)).toBe(true);
	expect(isDue(policy, less, 90_000)).toBe(false);
});

test("a change that never comes does not make silence", () => {
	const policy = createRate("change", 60_000, bands);
	expect([0, 10, 20, 30, 40, 50, 60, 70].map(time => offer(policy, time))).toEqual([
		true,
		...[false, false, false, false, false],
		true,
		false,
	]);
});
