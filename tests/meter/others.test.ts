/** Registers of other countries' meters are held back, published and shown like Luxembourg's. */
import { expect, test } from "vitest";
import { createLatest } from "../../modules/meter/latest.js";
import { createPlausibility, holdImplausible } from "../../modules/meter/plausibility.js";
import { createRate, isDue } from "../../modules/meter/rate.js";
import { createFaults } from "../../modules/p1/faults.js";
import { registers } from "../../modules/p1/obis.js";
import { makeMetrics } from "../../modules/web/metrics.js";
import { telegramOf } from "../support/checksum.js";
import { valuesByName } from "../support/readings.js";
import { readTelegram } from "../support/telegrams.js";

const read = (...lines: string[]) => readTelegram(telegramOf(lines));

test("a tariff register that falls is held back until three telegrams agree; import less export may fall", () => {
	const plausibility = createPlausibility();
	const seen = [100, 90, 90, 90].map((kilowattHours, at) => {
		const telegram = read(`1-0:1.8.1(${kilowattHours}*kWh)`, `1-0:16.8.0(${kilowattHours}*kWh)`);
		holdImplausible(plausibility, telegram, at * 10_000, "untagged");
		return valuesByName(telegram.readings);
	});
	expect(seen.map(values => values.active_energy_import_t1)).toEqual([100_000, undefined, undefined, 90_000]);
	expect(seen.map(values => values.active_energy_net)).toEqual([100_000, 90_000, 90_000, 90_000]);
	expect(plausibility.held).toBe(2);
});

test("a change of them is one, but for frequency, power factors and angles", () => {
	const isChange = (before: string, after: string) => {
		const rate = createRate("change", 60_000, { energy: 10, power: 5, voltage: 500, current: 100, index: 0 });
		expect(isDue(rate, read(before).readings, 0)).toBe(true);
		return isDue(rate, read(after).readings, 30_000);
	};
	expect(isChange("1-0:1.8.1(100.000*kWh)", "1-0:1.8.1(100.010*kWh)")).toBe(false);
	expect(isChange("1-0:1.8.1(100.000*kWh)", "1-0:1.8.1(100.011*kWh)")).toBe(true);
	expect(isChange("1-0:1.8.1(100.000*kWh)", "1-0:1.8.2(100.000*kWh)")).toBe(true);
	expect(isChange("0-0:96.14.0(0001)", "0-0:96.14.0(0002)")).toBe(true);
	expect(isChange("1-0:14.7.0(50.00*Hz)", "1-0:14.7.0(49.90*Hz)")).toBe(false);
	expect(isChange("1-0:13.7.0(0.99)", "1-0:13.7.0(0.50)")).toBe(false);
	expect(isChange("1-0:13.7.0(0.99)", "1-0:1.7.0(0.50*kW)")).toBe(true);
});

test("metrics in base units", () => {
	const counters = { bytes: 0, discarded: 0, telegrams: 1, authenticated: 0, crcOnly: 0, plain: 1 };
	const latest = createLatest(createFaults(), counters, null);
	latest.readings = read(
		"1-0:1.8.1(000001.000*kWh)",
		"0-0:96.14.0(0002)",
		"1-0:1.6.0(260712134500S)(02.589*kW)",
		"1-0:14.7.0(50.02*Hz)",
		"1-0:13.7.0(0.998)",
		"1-0:33.7.0(0.5)",
		"1-0:52.7.0(231.0*V)",
		"1-0:81.7.1(120*deg)",
		"1-0:81.7.4(12*deg)",
	).readings;
	latest.meter = "A";
	const surroundings = {
		now: 0,
		network: "",
		signalStrength: null,
		macAddress: "",
		version: "smarty-xs 0",
		counters: [],
	};
	const lines = [...{ [Symbol.iterator]: () => makeMetrics([latest], surroundings, false) }].join("").split("\n");
	expect(lines).toEqual(
		expect.arrayContaining([
			'smarty_active_energy_import_t1_joules_total{meter="A"} 3600000',
			'smarty_tariff{meter="A"} 2',
			'smarty_peak_demand_import_watts{meter="A"} 2589',
			`smarty_peak_demand_import_time_seconds{meter="A"} ${Date.UTC(2026, 6, 12, 11, 45) / 1000}`,
			'smarty_frequency_hertz{meter="A"} 50.02',
			'smarty_power_factor_ratio{meter="A"} 0.998',
			'smarty_phase_power_factor_ratio{meter="A",phase="l1"} 0.5',
			'smarty_voltage_volts{meter="A",phase="l2"} 231',
			'smarty_voltage_angle_degrees{meter="A",phase="l2"} 120',
			'smarty_current_angle_degrees{meter="A",phase="l1"} 12',
		]),
	);
	for (const line of lines)
		if (line.startsWith("# TYPE")) expect(lines.filter(other => other === line)).toHaveLength(1);
	expect(lines.join("\n")).not.toContain("NaN");
});

test("registers of phases stand side by side, up to the third, as metrics take them", () => {
	for (let at = 0; at < registers.length; at += 1) {
		const phase = /^(.*_l)([12])$/.exec(registers[at]!.name);
		if (phase !== null) expect(registers[at + 1]!.name).toBe(`${phase[1]}${Number(phase[2]) + 1}`);
	}
});
