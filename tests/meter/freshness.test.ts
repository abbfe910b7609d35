/** Tests of `modules/meter/freshness.ts`. */
import { expect, test } from "vitest";
import { admitReading, createFreshness } from "../../modules/meter/freshness.js";

test("readings go on in time; an older one is refused, and the same second is not", () => {
	const freshness = createFreshness(null, 0);
	expect(admitReading(freshness, 100_000, 0)).toBe(true);
	expect(admitReading(freshness, 110_000, 10_000)).toBe(true);
	expect(admitReading(freshness, 109_000, 11_000)).toBe(false);
	expect(admitReading(freshness, 110_000, 12_000)).toBe(true);
	expect(admitReading(freshness, null, 13_000)).toBe(true);
	expect(freshness.refused).toBe(1);
});

test("recordings are refused for as long as the meter goes on, however many there are", () => {
	const freshness = createFreshness(null, 0);
	for (let now = 0; now < 600_000; now += 10_000) {
		expect(admitReading(freshness, 1_000_000 + now, now)).toBe(true);
		for (let burst = 1; burst < 6; burst++) {
			expect(admitReading(freshness, 500_000 + burst, now + burst)).toBe(false);
		}
	}
});

test("a clock that was set back is believed after a minute", () => {
	const freshness = createFreshness(null, 0);
	admitReading(freshness, 9_000_000, 0);
	const verdicts = [10, 20, 30, 40, 50, 60, 70].map(at => admitReading(freshness, 5_000_000 + at, at * 1_000));
	expect(verdicts).toEqual([false, false, false, false, false, true, true]);
});

test("the newest reading from before the boot counts, and every meter has its own", () => {
	const freshness = createFreshness(9_000, 0);
	const other = createFreshness(null, 0);
	expect(admitReading(freshness, 8_999_000, 1_000)).toBe(false);
	expect(admitReading(other, 5_000_000, 2_000)).toBe(true);
	expect(admitReading(other, 4_000_000, 3_000)).toBe(false);
	expect(admitReading(freshness, 9_000_000, 4_000)).toBe(true);
});
