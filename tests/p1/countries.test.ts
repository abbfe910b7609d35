/** Telegrams in the shape of other countries' meters: what they send and Luxembourg's do not has names. */
import { describe, expect, test } from "vitest";
import { encodeReadings } from "../../modules/messages/json.js";
import { closeTelegram, telegramOf } from "../support/checksum.js";
import { describeRegister } from "../support/entities.js";
import { listLayout } from "../support/layouts.js";
import { receive } from "../support/stream.js";
import { readTelegram } from "../support/telegrams.js";
import { textBytes } from "../support/vectors.js";

function stateOf(lines: readonly string[], identification: string): Record<string, unknown> {
	const state = JSON.parse(encodeReadings(readTelegram(telegramOf(lines, identification)).readings));
	const { identification: _, ...rest } = state;
	return rest;
}

describe("each country's telegram", () => {
	test("the Netherlands, DSMR 5", () => {
		const lines = [
			"1-3:0.2.8(50)",
			"0-0:1.0.0(260715120010S)",
			"0-0:96.1.1(4530303030303030303030303030303031)",
			"1-0:1.8.1(000123.456*kWh)",
			"1-0:1.8.2(000234.567*kWh)",
			"1-0:2.8.1(000001.000*kWh)",
			"1-0:2.8.2(000002.000*kWh)",
			"0-0:96.14.0(0002)",
			"1-0:1.7.0(00.342*kW)",
			"0-0:96.7.21(00004)",
			"0-0:96.7.9(00002)",
			"1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)",
			"0-0:96.13.0()",
		];
		expect(stateOf(lines, "ISK5\\2M550E-1012")).toEqual({
			equipment_id: "E0000000000000001",
			version: "50",
			time: "2026-07-15T10:00:10Z",
			active_power_import: 0.342,
			power_failures: 4,
			active_energy_import_t1: 123.456,
			active_energy_import_t2: 234.567,
			active_energy_export_t1: 1,
			active_energy_export_t2: 2,
			tariff: 2,
			long_power_failures: 2,
			power_failure_log: [
				{ time: "2010-12-08T14:24:15Z", duration: 240 },
				{ time: "2010-12-08T14:10:04Z", duration: 301 },
			],
		});
	});

	test("Belgium", () => {
		const lines = [
			"0-0:96.1.4(50217)",
			"0-0:96.1.1(3153414731313030303030303030)",
			"0-0:96.1.2(353431343434303030303030303030303030)",
			"0-0:1.0.0(260115120010W)",
			"1-0:1.4.0(02.351*kW)",
			"1-0:1.6.0(260112134558W)(02.589*kW)",
			"0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(251201000000W)(251117224500W)(04.329*kW)",
			"0-0:17.0.0(999.9*kW)",
			"1-0:31.4.0(999*A)",
			"0-1:24.1.0(003)",
			"0-1:96.1.1(37464C4F32313139303333373333)",
			"0-1:24.2.3(260115115000W)(00112.384*m3)",
			"0-1:24.2.1(260115115000W)(00200.000*m3)",
		];
		expect(stateOf(lines, "FLU5\\253769484_A")).toEqual({
			equipment_id: "1SAG1100000000",
			version: "50217",
			time: "2026-01-15T11:00:10Z",
			average_demand_import: 2.351,
			peak_demand_import_time: "2026-01-12T12:45:58Z",
			peak_demand_import: 2.589,
			active_threshold_power: 999.9,
			fuse_threshold: 999,
			devices: [
				{ type: "gas", channel: 1, id: "7FLO2119033733", value: 112.384, unit: "m³", time: "2026-01-15T10:50:00Z" },
			],
			objects: {
				"0-0:96.1.2": "(353431343434303030303030303030303030)",
				"0-0:98.1.0": "(1)(1-0:1.6.0)(1-0:1.6.0)(251201000000W)(251117224500W)(04.329*kW)",
			},
		});
	});

	test("Hungary and Lithuania: quadrants, power factor, frequency", () => {
		const lines = [
			"0-0:1.0.0(260715120010S)",
			"0-0:96.1.0(9902000001)",
			"0-0:96.14.0(0001)",
			"0-0:96.50.68(ON)",
			"1-0:5.8.0(000000.123*kvarh)",
			"1-0:8.8.0(000000.456*kvarh)",
			"1-0:15.8.0(000020.000*kWh)",
			"1-0:16.7.0(-00.250*kW)",
			"1-0:5.7.0(00.010*kvar)",
			"1-0:13.7.0(0.998)",
			"1-0:33.7.0(1.000)",
			"1-0:14.7.0(50.02*Hz)",
			"1-0:81.7.4(12*deg)",
			"1-0:10.8.0(1*kVAh)",
		];
		expect(stateOf(lines, "AUX59902000001")).toEqual({
			equipment_id: "9902000001",
			time: "2026-07-15T10:00:10Z",
			tariff: 1,
			reactive_energy_q1: 0.123,
			reactive_energy_q4: 0.456,
			apparent_energy_export: 1,
			active_energy_sum: 20,
			reactive_power_q1: 0.01,
			active_power_net: -0.25,
			power_factor: 0.998,
			frequency: 50.02,
			power_factor_l1: 1,
			current_angle_l1: 12,
			objects: { "0-0:96.50.68": "(ON)" },
		});
	});

	test("Denmark: a clock with blanks", () => {
		expect(stateOf(["0-0:1.0.0(20240111 09:35:00)", "1-0:1.8.0(000123.456*kWh)"], "NES5x")).toEqual({
			time: "2024-01-11T08:35:00Z",
			clock: "local",
			active_energy_import: 123.456,
		});
	});

	test("DSMR 2.2 and 3.0: gas on two lines", () => {
		const gas = (...lines: string[]) =>
			`/ISk5\\2MT382-1003\r\n\r\n1-0:1.8.1(00123.000*kWh)\r\n0-1:24.1.0(3)\r\n${lines.join("\r\n")}\r\n0-1:24.4.0(1)\r\n!\r\n`;
		const read = (text: string) => {
			const { telegrams, faults } = receive({ key: null, authentication: "off" }, [{ bytes: textBytes(text), at: 0 }]);
			return { device: telegrams[0]!.readings.devices[0], line: faults.line, value: faults.value };
		};
		const head = "0-1:24.3.0(121030140000)(00)(60)(1)(0-1:24.2.1)(m3)";
		const device = {
			type: "gas",
			id: null,
			channel: 1,
			value: 21_012,
			unit: "m³",
			time: Date.UTC(2012, 9, 30, 13),
			valve: 1,
		};
		expect(read(gas(head, "(00021.012)"))).toEqual({ device, line: 0, value: 0 });
		expect(read(gas(`${head}(00021.012)`))).toEqual({ device, line: 0, value: 0 });
		expect(read(gas(head.replace("m3", "dm3"), "(00021012)"))).toEqual({ device, line: 0, value: 0 });
		// On any other line the index is nobody's.
		expect(read(gas(head, "1-0:2.8.1(1*kWh)", "(00021.012)"))).toEqual({ device: undefined, line: 1, value: 0 });
		expect(read(gas("(00021.012)"))).toEqual({ device: undefined, line: 1, value: 0 });
		expect(read(gas(head, "(x)"))).toEqual({ device: undefined, line: 1, value: 0 });
	});

	test("Germany: the group F", () => {
		const lines = ["1-0:0.0.0*255(0272000000001)", "1-0:1.8.0*255(00012345.6789012*kWh)", "1-0:1.7.0*255(000703.68*W)"];
		expect(stateOf(lines, "ESY5Q3DB1024 V3.04")).toEqual({
			active_energy_import: 12345.679,
			active_power_import: 0.704,
			objects: { "1-0:0.0.0*255": "(0272000000001)" },
		});
	});
});

describe("capture times", () => {
	const gas = (captured: string, index: string, clock = "260715120010S") => {
		const text = telegramOf([`0-0:1.0.0(${clock})`, "0-1:24.1.0(003)", `0-1:24.2.1(${captured})(${index}*m3)`]);
		const { telegrams, faults } = receive({ key: null }, [{ bytes: textBytes(text), at: 0 }]);
		const { devices, unread } = telegrams[0]!.readings;
		const [device] = devices;
		return { value: device?.value ?? null, time: device?.time ?? null, unread, captureTime: faults.captureTime };
	};
	const noTime = (value: number) => ({ value, time: null, unread: 0, captureTime: 1 });

	test.each(["000101010000W", "700101010000W", "632525252525S", "690101000000W", "garbage", "000000000000"])(
		"an index that is not 0 counts without the time %s",
		captured => expect(gas(captured, "01234.567")).toEqual(noTime(1_234_567)),
	);

	test("0 with a time that stands for none was never read; with one that cannot be read it is 0", () => {
		for (const captured of ["000101010000W", "700101010000W", "632525252525S", ""]) {
			expect(gas(captured, "00000.000")).toEqual({ value: null, time: null, unread: 1, captureTime: 0 });
		}
		expect(gas("garbage", "00000.000")).toEqual(noTime(0));
	});

	test("more than a day after the telegram's own time is none", () => {
		expect(gas("270715120010S", "1")).toEqual(noTime(1_000));
		expect(gas("260716120011S", "1")).toEqual(noTime(1_000));
		expect(gas("260716120010S", "1")).toMatchObject({ time: Date.UTC(2026, 6, 16, 10, 0, 10), captureTime: 0 });
		// Nothing to compare it with.
		expect(gas("270715120010S", "1", "000101000000W")).toMatchObject({ captureTime: 0 });
	});
});

describe("a telegram in which nothing is understood", () => {
	const isUnderstood = (...lines: string[]) => readTelegram(telegramOf(lines)).readings.understood;
	test("says so", () => {
		expect(isUnderstood()).toBe(false);
		expect(isUnderstood("0-0:1.0.0(260715120010S)", "0-0:42.0.0(41)", "9-9:1.8.0(1)", "garbage")).toBe(false);
		expect(isUnderstood("0-1:96.1.0(41)")).toBe(false);
		expect(isUnderstood("1-0:1.8.0(0*kWh)")).toBe(true);
		expect(isUnderstood("1-0:1.8.3(0*kWh)")).toBe(true);
		expect(isUnderstood("0-1:24.2.1(260715120010S)(0*m3)")).toBe(true);
	});
});

describe("layouts and Home Assistant follow from the table", () => {
	test("values", () => {
		const lines: string[] = [];
		const telegram = readTelegram(
			telegramOf(["0-0:96.1.1(41)", "1-0:1.6.0(260112134558W)(02.589*kW)", "1-0:1.8.2(7*kWh)"]),
		);
		for (const [topic, payload] of listLayout("values", telegram, "smarty/A")) lines.push(`${topic} ${payload}`);
		expect(lines).toEqual([
			"smarty/A/verdict plain",
			"smarty/A/equipment_id A",
			"smarty/A/active_energy_import_t2 7",
			"smarty/A/peak_demand_import_time 2026-01-12T12:45:58Z",
			"smarty/A/peak_demand_import 2.589",
		]);
	});

	test.each([
		["active_energy_import_t2", { name: "Active energy import T2", dev_cla: "energy", stat_cla: "total_increasing" }],
		["active_energy_net", { stat_cla: "total", unit_of_meas: "kWh" }],
		["peak_demand_import", { dev_cla: "power", unit_of_meas: "kW" }],
		["peak_demand_import_time", { dev_cla: "timestamp", ent_cat: "diagnostic" }],
		["frequency", { dev_cla: "frequency", unit_of_meas: "Hz" }],
		["power_factor_l2", { name: "Power factor L2", dev_cla: "power_factor", stat_cla: "measurement" }],
		["current_angle_l1", { stat_cla: "measurement", unit_of_meas: "°" }],
		["reactive_energy_q1", { name: "Reactive energy Q1", dev_cla: "reactive_energy" }],
		["tariff", { name: "Tariff" }],
		["long_power_failures", { stat_cla: "total_increasing", ent_cat: "diagnostic" }],
		["relay_3_state", { dev_cla: "enum" }],
	])("%s", (name, expected) => expect(describeRegister(name)).toMatchObject(expected));

	test("a ratio has no unit, and what has no class in Home Assistant none", () => {
		expect(describeRegister("power_factor")).not.toHaveProperty("unit_of_meas");
		expect(describeRegister("voltage_angle_l2")).not.toHaveProperty("dev_cla");
		expect(describeRegister("tariff")).not.toHaveProperty("stat_cla");
	});
});

test("an empty telegram is one all the same", () => {
	const { telegrams } = receive({ key: null }, [{ bytes: textBytes(closeTelegram("/ABC5x\r\n\r\n!")), at: 0 }]);
	expect(telegrams[0]!.readings).toMatchObject({ identification: "ABC5x", understood: false, clock: "reader" });
});
