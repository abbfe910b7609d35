/** Tests of messages: meaning. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ValueLayout } from "../../modules/messages/formats.js";
import { encodeSgrimeeUnits } from "../../modules/messages/sgrimee.js";
import { registerIndex } from "../../modules/p1/obis.js";
import type { Telegram } from "../../modules/p1/reader.js";
import { readingAt } from "../../modules/p1/readings.js";
import { makeMeterData } from "../../modules/web/homewizard.js";
import { createChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import { listLayout } from "../support/layouts.js";
import { joinPieces } from "../support/pieces.js";
import { telegramLines } from "../support/telegram-lines.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { realFrame, specificationTelegram } from "../support/vectors.js";

/**
 * Number and unit of every layout mean what the readings mean. The names of the models and their units are typed in here, from
 * their documentation; nothing of the layouts' own tables is used.
 */

/** Thousandths of the readings' unit in one of these. */
const scales: Record<string, number> = {
	"": 1,
	kWh: 1000,
	kvarh: 1000,
	kW: 1000,
	W: 1,
	kvar: 1000,
	kVA: 1000,
	V: 1000,
	A: 1000,
	m3: 1000,
};

const phases = ["l1", "l2", "l3"] as const;
const spread = (rows: [string, string, string][]) =>
	rows.flatMap(([name, register, unit]) =>
		name.includes("#")
			? phases.map(phase => [name.replace("#", phase), `${register}_${phase}`, unit])
			: [[name, register, unit]],
	) as [string, string, string][];

/** Topic without its root, register, unit. */
const models: Record<"smartyreader" | "sgrimee" | "dsmr-reader", [string, string, string][]> = {
	smartyreader: spread([
		["act_energy_imported_p_plus_kWh", "active_energy_import", "kWh"],
		["act_energy_exported_p_minus_kWh", "active_energy_export", "kWh"],
		["energy_consumption_calc_kWh", "active_energy_import", "kWh"],
		["energy_production_calc_kWh", "active_energy_export", "kWh"],
		["react_energy_imported_q_plus_kvarh", "reactive_energy_import", "kvarh"],
		["react_energy_exported_q_minus_kvarh", "reactive_energy_export", "kvarh"],
		["act_pwr_imported_p_plus_kW", "active_power_import", "kW"],
		["act_pwr_exported_p_minus_kW", "active_power_export", "kW"],
		["react_pwr_imported_q_plus_kvar", "reactive_power_import", "kvar"],
		["react_pwr_exported_q_minus_kvar", "reactive_power_export", "kvar"],
		["active_threshold_smax_kVA", "active_threshold", "kVA"],
		["breaker_ctrl_state_0", "breaker_state", ""],
		["breaker_ctrl_state_1", "relay_1_state", ""],
		["breaker_ctrl_state_2", "relay_2_state", ""],
		["num_pwr_failures", "power_failures", ""],
		["num_volt_sags_#", "voltage_sags", ""],
		["num_volt_swells_#", "voltage_swells", ""],
		["curr_#_A", "current", "A"],
		["volt_#_V", "voltage", "V"],
		["act_pwr_imp_p_plus_#_kW", "active_power_import", "kW"],
		["act_pwr_exp_p_minus_#_kW", "active_power_export", "kW"],
		["react_pwr_imp_q_plus_#_kvar", "reactive_power_import", "kvar"],
		["react_pwr_exp_q_minus_#_kvar", "reactive_power_export", "kvar"],
		["apparent_export_pwr_kVA", "apparent_power_export", "kVA"],
		["apparent_import_pwr_kVA", "apparent_power_import", "kVA"],
		["limiter_curr_monitor_A", "current_threshold_import", "A"],
	]),
	sgrimee: spread([
		["act_pwr_p_minus_#", "active_power_export", "kW"],
		["act_pwr_p_plus_#", "active_power_import", "kW"],
		["apparent_export_pwr", "apparent_power_export", "kVA"],
		["apparent_import_pwr", "apparent_power_import", "kVA"],
		["broker_ctrl_state_1", "relay_1_state", ""],
		["broker_ctrl_state_2", "relay_2_state", ""],
		["elec_failures", "power_failures", ""],
		["elec_sags_#", "voltage_sags", ""],
		["elec_swells_#", "voltage_swells", ""],
		["elec_switch_postn", "breaker_state", ""],
		["elec_threshold", "active_threshold", "kVA"],
		["energy_delivered_tariff1", "active_energy_import", "kWh"],
		["energy_returned_tariff1", "active_energy_export", "kWh"],
		["limiter_curr_monitor", "current_threshold_import", "A"],
		["phase_curr_#", "current", "A"],
		["phase_volt_#", "voltage", "V"],
		["pwr_delivered", "active_power_import", "kW"],
		["pwr_returned", "active_power_export", "kW"],
		["react_energy_delivered_tariff1", "reactive_energy_import", "kvarh"],
		["react_energy_returned_tariff1", "reactive_energy_export", "kvarh"],
		["react_pwr_delivered", "reactive_power_import", "kvar"],
		["react_pwr_returned", "reactive_power_export", "kvar"],
		["react_pwr_q_plus_#", "reactive_power_import", "kvar"],
		["react_pwr_q_minus_#", "reactive_power_export", "kvar"],
	]),
	"dsmr-reader": spread([
		["reading/electricity_currently_delivered", "active_power_import", "kW"],
		["reading/electricity_currently_returned", "active_power_export", "kW"],
		["reading/phase_currently_delivered_#", "active_power_import", "kW"],
		["reading/phase_currently_returned_#", "active_power_export", "kW"],
		["reading/phase_voltage_#", "voltage", "V"],
		["reading/phase_power_current_#", "current", "A"],
	]),
};
const gasTopics = {
	smartyreader: "gas_index_m3",
	sgrimee: "gas_index",
	"dsmr-reader": "reading/extra_device_delivered",
};

const sgrimeeUnits = new Map<string, string>();
for (const [topic, unit] of encodeSgrimeeUnits("sg")) sgrimeeUnits.set(topic.split("/")[1]!, joinPieces(unit!));

/** What a layout shows, by topic without its root and without `/value`; `(null)` is nothing. */
function show(layout: ValueLayout, telegram: Telegram): Map<string, string> {
	const found = new Map<string, string>();
	for (const [topic, text] of listLayout(layout, telegram, layout === "values" ? "own/m" : "root")) {
		const name = topic.slice(topic.indexOf("/") + 1).replace(/\/value$/, "");
		if (text !== "(null)") found.set(name, text);
	}
	return found;
}

/** The number as thousandths of the readings' unit, or as a count; exact, as a reading is a whole number of them. */
function meaningOf(text: string | undefined, unit: string): number | null {
	if (text === undefined) return null;
	expect(text).toMatch(/^-?\d+(\.\d+)?$/);
	return Math.round(Number(text) * scales[unit]!);
}

function check(telegram: Telegram): void {
	const { readings } = telegram;
	const read = (register: string) => readingAt(readings, registerIndex(register));
	const gas = readings.devices
		.filter(({ type, value, unit }) => type === "gas" && value !== null && unit === "m³")
		.reduce<number | null>((best, device) => {
			const other = readings.devices.find(({ value, type, unit }) => type === "gas" && unit === "m³" && value === best);
			return best === null || (device.time ?? 0) > (other?.time ?? 0) ? device.value : best;
		}, null);
	for (const layout of ["smartyreader", "sgrimee", "dsmr-reader"] as const) {
		const shown = show(layout, telegram);
		for (const [name, register, unit] of models[layout]) {
			if (layout === "sgrimee") expect(sgrimeeUnits.get(name) ?? "").toBe(unit);
			expect(meaningOf(shown.get(name), unit), `${layout} ${name}`).toBe(read(register));
		}
		expect(meaningOf(shown.get(gasTopics[layout]), "m3"), `${layout} gas`).toBe(gas);
	}
	for (const [name, register] of [
		["delivered", "active_energy_import"],
		["returned", "active_energy_export"],
	] as const) {
		const shown = show("dsmr-reader", telegram);
		const [first, second] = [1, 2].map(tariff => meaningOf(shown.get(`reading/electricity_${name}_${tariff}`), "kWh"));
		const tariffs = [1, 2].map(tariff => read(`${register}_t${tariff}`));
		expect([first, second]).toEqual(tariffs.every(value => value === null) ? [read(register), 0] : tariffs);
	}
	checkHomeWizard(telegram, read, gas);
}

function checkHomeWizard({ readings }: Telegram, read: (name: string) => number | null, gas: number | null): void {
	const surroundings = { now: 0, network: "", signalStrength: null, macAddress: "", version: "a 1", counters: [] };
	let text = "";
	const parts = makeMeterData(readings, null, surroundings);
	for (let part = parts.next(); part.value !== undefined; part = parts.next()) text += part.value;
	const data = JSON.parse(text);
	const thousandths = (value: unknown) => (value === undefined ? null : Math.round(Number(value) * 1000));
	for (const way of ["import", "export"]) {
		const tariffs = [1, 2, 3, 4].map(tariff => read(`active_energy_${way}_t${tariff}`));
		const known = tariffs.filter(value => value !== null);
		const sum = known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
		const total = read(`active_energy_${way}`) ?? sum;
		expect(thousandths(data[`total_power_${way}_kwh`])).toBe(total);
		const shown = [1, 2, 3, 4].map(tariff => thousandths(data[`total_power_${way}_t${tariff}_kwh`]));
		expect(shown).toEqual(sum === null ? [total, null, null, null] : tariffs);
	}
	expect(thousandths(data.total_gas_m3)).toBe(gas);
	for (const phase of phases) {
		expect(thousandths(data[`active_voltage_${phase}_v`])).toBe(read(`voltage_${phase}`));
		const current = thousandths(data[`active_current_${phase}_a`]);
		expect(current === null ? null : Math.abs(current)).toBe(absolute(read(`current_${phase}`)));
	}
}

function absolute(value: number | null): number | null {
	return value === null ? null : Math.abs(value);
}

/** A meter that prints Wh, W and var, as those of Estonia and Austria do. */
const inWattHours = [
	"/EST5\\253740976_A",
	"",
	"1-3:0.2.8(50)",
	"0-0:1.0.0(260715120010S)",
	"1-0:1.8.0(008765432*Wh)",
	"1-0:1.7.0(000000321*W)",
	"1-0:2.8.0(000000027*Wh)",
	"1-0:2.7.0(000000000*W)",
	"1-0:3.8.0(003210987*varh)",
	"1-0:4.7.0(000000216*var)",
	"!",
].join("\r\n");

/** A Belgian one, whose gas index is not converted and has a code of its own. */
const belgian = [
	"/FLU5\\253769484_A",
	"",
	"0-0:1.0.0(260715120010S)",
	"1-0:1.8.0(000100.000*kWh)",
	"1-0:31.7.0(002.34*A)",
	"0-1:24.1.0(003)",
	"0-1:96.1.1(37464C4F30303030303030303030)",
	"0-1:24.2.3(260715115500S)(00700.007*m3)",
	"!",
].join("\r\n");

/** A Dutch one: tariffs, and no total. */
const dutch = [
	"/ISK5\\2M550T-1012",
	"",
	"1-3:0.2.8(50)",
	"0-0:1.0.0(260115120010W)",
	"0-0:96.1.1(4530303434303037303334323532313137)",
	"1-0:1.8.1(000123.456*kWh)",
	"1-0:1.8.2(000654.321*kWh)",
	"1-0:2.8.1(000000.001*kWh)",
	"1-0:2.8.2(000000.002*kWh)",
	"0-0:96.14.0(0002)",
	"1-0:1.7.0(00.193*kW)",
	"1-0:2.7.0(00.000*kW)",
	"0-0:96.7.9(00005)",
	"!",
].join("\r\n");

describe("number and unit mean what the readings mean", () => {
	test.each([
		["the specification's", specificationTelegram],
		["the real one", realFrame.telegram],
		["in Wh", inWattHours],
		["a Belgian one", belgian],
		["a Dutch one", dutch],
		["gas in kWh", changeLine(specificationTelegram, "0-1:24.2.1", "0-1:24.2.1(200706103140S)(00012.345*kWh)")],
		["gas without a unit", changeLine(specificationTelegram, "0-1:24.2.1", "0-1:24.2.1(200706103140S)(00012.345)")],
		["import in MWh", changeLine(specificationTelegram, "1-0:1.8.0", "1-0:1.8.0(0000025653*Wh)")],
	])("%s", (_, text) => check(readTelegram(text)));

	test("a simulated house, over two days", () => {
		for (const phaseCount of [1, 3] as const) {
			const start = Date.UTC(2026, 5, 1);
			const devices = [{ type: 3, id: "FLO189900060355", index: 28_103 }];
			const options = { key: null, security: "plain" as const, phases: phaseCount, devices };
			const meter = createMeter(createChance(5), start, options);
			for (let hour = 0; hour < 48; hour += 1) {
				check(readTelegram(readMeter(meter, start + hour * 3_600_000).telegram));
			}
		}
	});

	test("any telegram", () => {
		fc.assert(
			fc.property(telegramLines, lines => check(readTelegram(`/Lux5\\1\r\n\r\n${lines.join("\r\n")}\r\n!`))),
			{ numRuns: 200 },
		);
	});
});

describe("sgrimee's numbers", () => {
	test("in Wh and W, they are those of the unit on the topic beside", () => {
		const shown = show("sgrimee", readTelegram(inWattHours));
		expect(shown.get("energy_delivered_tariff1")).toBe("008765.432");
		expect(shown.get("pwr_delivered")).toBe("00.321");
		expect(shown.get("react_pwr_returned")).toBe("00.216");
	});

	test("Belgian gas is there", () => {
		const shown = show("sgrimee", readTelegram(belgian));
		expect(shown.get("gas_index")).toBe("00700.007");
		expect(shown.get("phase_curr_l1")).toBe("002.34");
	});

	test("a message has the digits that the meter sends", () => {
		const text = changeLine(specificationTelegram, "0-0:96.13.0", "0-0:96.13.0(5374C3B67256E2)");
		const umlaut = changeLine(specificationTelegram, "0-0:96.13.2", "0-0:96.13.2(53 74)".replace(" ", ""));
		expect(show("sgrimee", readTelegram(text)).get("msg_short")).toMatch(/^5374/);
		expect(show("sgrimee", readTelegram(umlaut)).get("msg2_long")).toBe("5374");
	});
});
