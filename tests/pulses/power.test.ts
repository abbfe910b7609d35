/** Power out of pulses, against the power that made them. */
import { describe, expect, test } from "vitest";
import { advancePower, createPulsePower } from "../../modules/pulses/power.js";
import { createChance } from "../support/chance.js";
import { look, trainOf } from "./train.js";

const second = 1_000_000;

/** Microseconds from one pulse to the next. */
function intervalOf(watts: number, wattHours: number): number {
	return (wattHours * 3.6e9) / watts;
}

describe.each([0.06, 0.3125, 1])("%f Wh a pulse", wattHours => {
	test.each([50, 500, 2_000, 11_000, 25_000, 69_000])(
		"%i W are told as they are, whenever they are looked at",
		watts => {
			const chance = createChance(watts);
			const interval = intervalOf(watts, wattHours);
			for (let trial = 0; trial < 20; trial += 1) {
				const power = createPulsePower();
				const phase = chance.integer(1, Math.ceil(interval));
				const length = Math.max(30 * second, 2.5 * interval);
				look(trainOf(phase, interval, Math.ceil(length / interval) + 1), 0, length, second, sample =>
					advancePower(power, sample, wattHours),
				);
				expect(Math.abs(power.watts! / watts - 1)).toBeLessThan(1e-9);
			}
		},
	);
});

test("nothing is told before two pulses came, and 0 W when none has come for five minutes", () => {
	const power = createPulsePower();
	look([100 * second], 0, 399 * second, second, sample => advancePower(power, sample, 1));
	expect(power.watts).toBeNull();
	look([], 399 * second, 401 * second, second, sample => advancePower(power, sample, 1));
	expect(power.watts).toBe(0);
	const dark = createPulsePower();
	look([], 0, 302 * second, second, sample => advancePower(dark, sample, 1));
	expect(dark.watts).toBe(0);
});

test("falls at once when a load goes off: never above one pulse in the time since the last", () => {
	const power = createPulsePower();
	const interval = intervalOf(3_600, 1);
	const times = trainOf(0, interval, 31);
	const last = times.at(-1)!;
	look(times, -1, last + second, second, sample => advancePower(power, sample, 1));
	expect(power.watts).toBeCloseTo(3_600, 6);
	look([], last + second, last + 60 * second, second, sample => {
		advancePower(power, sample, 1);
		expect(power.watts).toBeLessThanOrEqual(3.6e9 / (sample.now - last) + 1e-6);
	});
	expect(power.watts).toBeCloseTo(60, 6);
});

test("after a pause the next mean has nothing of the pause in it", () => {
	const power = createPulsePower();
	const before = trainOf(0, intervalOf(50, 0.06), 20);
	const pause = before.at(-1)! + 60 * second;
	const after = trainOf(pause, intervalOf(11_000, 0.06), 400);
	const told: number[] = [];
	look([...before, ...after], -1, pause + 5 * second, second, sample => {
		advancePower(power, sample, 0.06);
		told.push(power.watts!);
	});
	expect(Math.max(...told)).toBeCloseTo(11_000, 3);
	expect(told.at(-1)).toBeCloseTo(11_000, 3);
	// Three seconds after the load came on at the latest.
	expect(told.at(-3)).toBeCloseTo(11_000, 3);
});

test("a meter's own jitter of 100 ms is hidden by means of ten pulses and more", () => {
	const chance = createChance(7);
	const power = createPulsePower();
	const times = trainOf(0, intervalOf(2_000, 0.06), 600).map(time => time + chance.integer(0, 100_000));
	times.sort((one, other) => one - other);
	let worst = 0;
	look(times, -1, 60 * second, second, sample => {
		advancePower(power, sample, 0.06);
		if (power.watts !== null) worst = Math.max(worst, Math.abs(power.watts / 2_000 - 1));
	});
	expect(worst).toBeLessThan(0.06);
	expect(worst).toBeGreaterThan(0);
});

test("pulses that melted into one for the clock cost the mean nothing: the count has them", () => {
	const power = createPulsePower();
	const interval = intervalOf(25_000, 0.06);
	const times = trainOf(0, interval, 1_000);
	look(times, -1, 6 * second, second, sample => advancePower(power, sample, 0.06));
	// Of one look only the times of its first and last pulse are known, and of this one they are late by 50 ms.
	const late = { count: 116, first: 6.05 * second, newest: 7 * second, now: 7 * second };
	advancePower(power, late, 0.06);
	expect(Math.abs(power.watts! / 25_000 - 1)).toBeLessThan(0.01);
});
