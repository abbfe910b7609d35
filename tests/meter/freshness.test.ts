/** Tests of `modules/meter/freshness.ts`. */
import { describe, expect, test } from "vitest";
import { admitReading, createFreshness } from "../../modules/meter/freshness.js";

test("readings go on in time; an older one is refused, and the same second is not", () => {
	const freshness = createFreshness(null, 0);
	expect(admitReading(freshness, 100_000, 0, "tagged")).toBe(true);
	expect(admitReading(freshness, 110_000, 10_000, "tagged")).toBe(true);
	expect(admitReading(freshness, 109_000, 11_000, "tagged")).toBe(false);
	expect(admitReading(freshness, 110_000, 12_000, "tagged")).toBe(true);
	expect(admitReading(freshness, null, 13_000, "tagged")).toBe(true);
	expect(freshness.refused).toBe(1);
});

test("recordings are refused for as long as the meter goes on, however many there are", () => {
	const freshness = createFreshness(null, 0);
	for (let now = 0; now < 600_000; now += 10_000) {
		expect(admitReading(freshness, 1_000_000 + now, now, "tagged")).toBe(true);
		for (let burst = 1; burst < 6; burst++) {
			expect(admitReading(freshness, 500_000 + burst, now + burst, "tagged")).toBe(false);
		}
	}
});

test("a clock that was set back is believed after a minute", () => {
	const freshness = createFreshness(null, 0);
	admitReading(freshness, 9_000_000, 0, "tagged");
	const verdicts = [10, 20, 30, 40, 50, 60, 70].map(at =>
		admitReading(freshness, 5_000_000 + at, at * 1_000, "tagged"),
	);
	expect(verdicts).toEqual([false, false, false, false, false, true, true]);
});

test("the newest reading from before the boot counts, and every meter has its own", () => {
	const freshness = createFreshness(9_000_000, 0);
	const other = createFreshness(null, 0);
	expect(admitReading(freshness, 8_999_000, 1_000, "tagged")).toBe(false);
	expect(admitReading(other, 5_000_000, 2_000, "tagged")).toBe(true);
	expect(admitReading(other, 4_000_000, 3_000, "tagged")).toBe(false);
	expect(admitReading(freshness, 9_000_000, 4_000, "tagged")).toBe(true);
});

const may = Date.UTC(2026, 4, 20);
const year2069 = Date.UTC(2069, 0, 1);

describe("what no tag vouches for", () => {
	test("keeps nothing out that a tag vouches for, whatever its time", () => {
		const freshness = createFreshness(null, 0);
		expect(admitReading(freshness, year2069, 0, "untagged")).toBe(true);
		expect(admitReading(freshness, may, 1_000, "tagged")).toBe(true);
		expect(freshness).toMatchObject({ time: may, isUntagged: false });
		for (let at = 2; at < 200; at += 1) {
			admitReading(freshness, year2069 + at * 1_000, at * 1_000, "unproven");
			expect(admitReading(freshness, may + at * 1_000, at * 1_000, "tagged")).toBe(true);
		}
	});

	test("of a meter that had a tag is never older than the newest, however long nothing comes", () => {
		const freshness = createFreshness(may, 0);
		expect(admitReading(freshness, may - 1_000, 3_600_000, "unproven")).toBe(false);
		expect(admitReading(freshness, may + 3_600_000, 3_600_000, "unproven")).toBe(true);
		expect(freshness).toMatchObject({ time: may, since: 0 });
	});

	test.each(["untagged", "unproven"] as const)("leaps into another month by three that agree: %s", source => {
		const freshness = createFreshness(may, 0);
		const admit = (time: number, now: number) => admitReading(freshness, time, now, source);
		expect([admit(year2069, 10_000), admit(year2069 + 10_000, 20_000)]).toEqual([false, false]);
		expect(admit(may + 30_000, 30_000)).toBe(true);
		expect([admit(year2069, 40_000), admit(Date.UTC(2071, 0, 1), 50_000), admit(year2069, 60_000)]).toEqual([
			false,
			false,
			false,
		]);
		expect([admit(year2069 + 10_000, 70_000), admit(year2069 + 20_000, 80_000)]).toEqual([false, true]);
		expect(freshness.time).toBe(source === "untagged" ? year2069 + 20_000 : may);
	});

	test("goes on into the next month by itself, after hours of silence as well", () => {
		const freshness = createFreshness(null, 0);
		const last = Date.UTC(2026, 4, 31, 21, 59, 50);
		expect(admitReading(freshness, last, 0, "untagged")).toBe(true);
		expect(admitReading(freshness, last + 10_000, 10_000, "untagged")).toBe(true);
		const month = 31 * 86_400_000;
		expect(admitReading(freshness, last + month, month, "untagged")).toBe(true);
	});
});

test("a tag needs no agreement", () => {
	const freshness = createFreshness(may, 0);
	expect(admitReading(freshness, year2069, 10_000, "tagged")).toBe(true);
});
