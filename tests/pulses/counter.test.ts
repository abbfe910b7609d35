/** One counter of pulses: what it believes, and the energy that it makes of it. */
import { describe, expect, test } from "vitest";
import { advanceCounter, createCounter, energyAt } from "../../modules/pulses/counter.js";
import { look, trainOf } from "./train.js";

const second = 1_000_000;

test("350 pulses a second for an hour are counted to the last one", () => {
	const counter = createCounter("led", 16_667, null);
	const times = trainOf(1, second / 350, 350 * 3_600);
	look(times, 0, 3_600 * second, second, sample => expect(advanceCounter(counter, sample)).toBe(true));
	expect(counter.count).toBe(1_260_000);
	expect(counter.refused).toBe(0);
	expect(energyAt(counter, counter.count)).toBe(Math.floor((1_260_000 * 1_000) / 16_667));
});

test("a look that comes three seconds late takes what came meanwhile", () => {
	const counter = createCounter("led", 16_667, null);
	look(trainOf(1, second / 350, 350 * 6), 0, 6 * second, 3 * second, sample =>
		expect(advanceCounter(counter, sample)).toBe(true),
	);
	expect(counter.count).toBe(2_100);
});

test("one pulse in 100 s is one", () => {
	const counter = createCounter("led", 1_000, null);
	look(trainOf(50 * second, 100 * second, 3), 0, 300 * second, second, sample => advanceCounter(counter, sample));
	expect(counter.count).toBe(3);
	expect(energyAt(counter, 3)).toBe(3);
	expect(counter.power.watts).toBeCloseTo(36, 6);
});

describe("more than 100 kW", () => {
	// 100 Hz of a lamp are 360 kW at 1000 pulses per kWh, and 21.6 kW at 16 667.
	test.each([
		[1_000, 100, 0],
		[16_667, 100, 6_000],
		[16_667, 460, 27_600],
		[16_667, 480, 0],
		[1_000, 27, 1_620],
		[1_000, 29, 0],
	])("at %i pulses per kWh, %i a second: %i of a minute are believed", (constant, rate, believed) => {
		const counter = createCounter("led", constant, null);
		look(trainOf(1, second / rate, rate * 60), 0, 60 * second, second, sample => advanceCounter(counter, sample));
		expect(counter.count).toBe(believed);
		expect(counter.count + counter.refused).toBe(rate * 60);
		if (believed === 0) expect(counter.power.watts).toBeNull();
	});

	test("a slow counter may have its pulse when it has waited for it", () => {
		const counter = createCounter("old", 1, null);
		// 90 kW at one pulse per kWh.
		look(trainOf(1, 40 * second, 20), 0, 800 * second, second, sample => advanceCounter(counter, sample));
		expect(counter.refused).toBe(0);
		expect(counter.count).toBe(20);
	});
});

test("energy begins with what the meter shows, and is whole Wh that never say too much", () => {
	const counter = createCounter("led", 16_667, 1_234_567_000);
	expect(energyAt(counter, 0)).toBe(1_234_567);
	expect(energyAt(counter, 16)).toBe(1_234_567);
	expect(energyAt(counter, 17)).toBe(1_234_568);
	expect(energyAt(counter, 16_667)).toBe(1_235_567);
	let before = 0;
	for (let count = 0; count < 100_000; count += 7) {
		const energy = energyAt(counter, count);
		expect(energy).toBeGreaterThanOrEqual(before);
		before = energy;
	}
});
