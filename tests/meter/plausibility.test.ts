/** Tests of `modules/meter/plausibility.ts`. */
import { expect, test } from "vitest";
import { createPlausibility, holdImplausible, type Plausibility } from "../../modules/meter/plausibility.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";

/** What is left of the import and of the first gas index when the meter shows these, ten seconds after the last telegram. */
function show(
	plausibility: Plausibility,
	seconds: number,
	energy: string,
	gas = "28.103",
	verdict: "plain" | "authenticated" = "plain",
	source: "untagged" | "unproven" = "untagged",
) {
	const text = changeLine(
		changeLine(specificationTelegram, "1-0:1.8.0", `1-0:1.8.0(${energy}*kWh)`),
		"0-4:24.2.1",
		`0-4:24.2.1(200706102900S)(${gas}*m3)`,
	);
	const telegram = { ...readTelegram(text), verdict };
	holdImplausible(plausibility, telegram, seconds * 1000, verdict === "authenticated" ? "tagged" : source);
	const { values, devices } = telegram.readings;
	return [values[0], devices.find(device => device.channel === 4)?.value];
}

test("rising indices pass", () => {
	const plausibility = createPlausibility();
	expect(show(plausibility, 0, "000025.653")).toEqual([25653, 28103]);
	expect(show(plausibility, 10, "000025.653")).toEqual([25653, 28103]);
	expect(show(plausibility, 20, "000025.700", "28.900")).toEqual([25700, 28900]);
	expect(plausibility.held).toBe(0);
});

test("a falling index is held back until three agree", () => {
	const plausibility = createPlausibility();
	show(plausibility, 0, "000025.653");
	expect(show(plausibility, 10, "000000.001", "0.003", "authenticated")).toEqual([null, null]);
	expect(show(plausibility, 20, "000025.654")).toEqual([25654, 28103]);
	expect(show(plausibility, 30, "000000.001", "0.003")).toEqual([null, null]);
	expect(show(plausibility, 40, "000000.002", "0.003")).toEqual([null, null]);
	expect(show(plausibility, 50, "000000.002", "0.003")).toEqual([2, 3]);
	expect(show(plausibility, 60, "000000.003", "0.004")).toEqual([3, 4]);
	expect(plausibility.held).toBe(6);
});

test("three bad values that do not agree are all held back", () => {
	const plausibility = createPlausibility();
	show(plausibility, 0, "000025.653");
	for (const energy of ["000009.000", "000008.000", "000007.000", "000006.000"]) {
		expect(show(plausibility, 10, energy)[0]).toBeNull();
	}
});

test("a leap needs an authenticated telegram, or three", () => {
	const plausibility = createPlausibility();
	show(plausibility, 0, "000025.653");
	expect(show(plausibility, 10, "900025.653")[0]).toBeNull();
	expect(show(plausibility, 20, "000025.660")[0]).toBe(25660);
	expect(show(plausibility, 30, "900025.653", "28.103", "authenticated")[0]).toBe(900025653);
	// After an hour's silence even much is plausible.
	const other = createPlausibility();
	show(other, 0, "000025.653");
	expect(show(other, 3600, "000065.653")[0]).toBe(65653);
	expect(show(other, 3610, "000165.653")[0]).toBeNull();
	expect(show(other, 3620, "000165.654")[0]).toBeNull();
	expect(show(other, 3630, "000165.655")[0]).toBe(165655);
});

test("what nothing vouches for any more is compared, and changes nothing, however many agree", () => {
	const plausibility = createPlausibility();
	const unproven = (seconds: number, energy: string, gas?: string) =>
		show(plausibility, seconds, energy, gas, "plain", "unproven");
	expect(unproven(0, "900000.000")).toEqual([900_000_000, 28103]);
	expect(plausibility.names.length).toBe(0);
	expect(show(plausibility, 10, "000025.653", "28.103", "authenticated")).toEqual([25653, 28103]);
	for (let at = 2; at < 9; at += 1) {
		expect(unproven(at * 10, "000000.001", "0.001")).toEqual([null, null]);
		expect(unproven(at * 10, "900000.000")[0]).toBeNull();
	}
	expect(unproven(90, "000025.700", "28.200")).toEqual([25700, 28200]);
	expect(show(plausibility, 100, "000025.660", "28.104", "authenticated")).toEqual([25660, 28104]);
});
