/** Counters of pulses at `/metrics`, read by Prometheus' own parsers. */
import { expect, test } from "vitest";
import type { Surroundings } from "../../modules/meter/latest.js";
import { createLatest } from "../../modules/meter/latest.js";
import { createFaults } from "../../modules/p1/faults.js";
import { makeMetrics } from "../../modules/web/metrics.js";
import { parseMetrics } from "./metrics-parser.js";

const counters = [
	{ name: "led", count: 16_667, energy: 1_000, power: 499.6 },
	{ name: "pump", count: 0, energy: 7_000_000, power: null },
];

function read(signalStrength: number | null, format: "modern" | "old", meters = 1) {
	const latest = createLatest(
		createFaults(),
		{ bytes: 0, discarded: 0, telegrams: 0, authenticated: 0, crcOnly: 0, plain: 0 },
		null,
	);
	const around: Surroundings = { now: 1_000, network: "", signalStrength, macAddress: "", version: "test", counters };
	const shown = new Array(meters).fill(latest);
	const page = [...{ [Symbol.iterator]: () => makeMetrics(shown, around, format === "modern") }].join("");
	return parseMetrics(page, format);
}

test.each([
	["modern", -60],
	["modern", null],
	["old", -60],
	["old", null],
] as const)("%s, with a signal of %s: each family once, a sample for each counter that has one", (format, signal) => {
	const families = read(signal, format);
	const find = (name: string) => families.filter(family => family.name === name).flatMap(({ samples }) => samples);
	expect(find("smarty_pulses")).toEqual([
		["smarty_pulses_total", { counter: "led" }, 16_667],
		["smarty_pulses_total", { counter: "pump" }, 0],
	]);
	expect(find("smarty_pulse_energy_joules")).toEqual([
		["smarty_pulse_energy_joules_total", { counter: "led" }, 3_600_000],
		["smarty_pulse_energy_joules_total", { counter: "pump" }, 25_200_000_000],
	]);
	expect(find("smarty_pulse_power_watts")).toEqual([["smarty_pulse_power_watts", { counter: "led" }, 500]]);
	expect(find("smarty_wifi_signal_dbm")).toHaveLength(signal === null ? 0 : 1);
});

test("a board without a meter has them, too", () => {
	expect(read(null, "modern", 0).map(({ name }) => name)).toEqual([
		"smarty_uptime_seconds",
		"smarty_pulses",
		"smarty_pulse_energy_joules",
		"smarty_pulse_power_watts",
	]);
});
