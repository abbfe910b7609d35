import { expect, test } from "vitest";
import { createPolicy, isDue, type Policy } from "../../modules/publish/policy.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";

const bands = { energy: 10, power: 50, voltage: 2000, current: 0, index: 4 };

/** Whether a telegram at `seconds` in which these lines are different is published. */
function offer(policy: Policy, seconds: number, ...lines: string[]): boolean {
	let text = specificationTelegram;
	for (const line of lines) text = changeLine(text, line.slice(0, line.indexOf("(")), line);
	return isDue(policy, readTelegram(text).readings, seconds * 1000);
}

test("every telegram", () => {
	const policy = createPolicy("telegram", 0, bands);
	expect([0, 10, 10, 20].map(time => offer(policy, time))).toEqual([true, true, true, true]);
});

test("every thirty seconds, though telegrams come a little early or late", () => {
	const policy = createPolicy("interval", 30_000, bands);
	const times = [0, 10.1, 19.9, 29.9, 40, 50, 59.8, 70, 80, 90];
	expect(times.map(time => offer(policy, time, `1-0:1.7.0(0${(time * 10) | 0}*W)`))).toEqual(
		times.map(time => [0, 29.9, 59.8, 90].includes(time)),
	);
});

test("on change by more than the dead band", () => {
	const policy = createPolicy("change", 600_000, bands);
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
	const policy = createPolicy("change", 600_000, bands);
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
	const policy = createPolicy("change", 60_000, bands);
	expect([0, 10, 20, 30, 40, 50, 60, 70].map(time => offer(policy, time))).toEqual([
		true,
		...[false, false, false, false, false],
		true,
		false,
	]);
});
