/** Tests of `modules/p1/calendar.ts`. */
import { expect, test } from "vitest";
import { formatLocalTime, formatMeterTime, startOfDay, startOfMonth } from "../../modules/p1/calendar.js";

const clock = new Intl.DateTimeFormat("sv-SE", {
	timeZone: "Europe/Luxembourg",
	dateStyle: "short",
	timeStyle: "medium",
});

test("local time, midnight and month against the time zone database, for twenty years", () => {
	// An odd step, so that all times of day come up.
	for (let time = Date.UTC(2018, 0, 1); time < Date.UTC(2038, 0, 1); time += 7_013_000) {
		const local = clock.format(time);
		expect(formatLocalTime(time)).toBe(local.replace(" ", "T"));
		expect(clock.format(startOfDay(time))).toBe(`${local.slice(0, 10)} 00:00:00`);
		expect(clock.format(startOfMonth(time))).toBe(`${local.slice(0, 7)}-01 00:00:00`);
	}
});

test("the hour that comes twice", () => {
	expect(formatMeterTime(Date.parse("2025-10-26T00:59:59Z"))).toBe("251026025959S");
	expect(formatMeterTime(Date.parse("2025-10-26T01:00:00Z"))).toBe("251026020000W");
	expect(formatMeterTime(Date.parse("2025-03-30T01:00:00Z"))).toBe("250330030000S");
	expect(formatMeterTime(Date.parse("2018-01-30T09:21:22Z"))).toBe("180130102122W");
});
