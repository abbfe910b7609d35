/** The readings in HomeWizard's local API, version 1, for a P1 meter. */

import { signedPower } from "../messages/active-power.js";
import { findGasVolume } from "../messages/gas.js";
import { type Account, quarterMs, reportQuarter } from "../meter/account.js";
import type { Surroundings } from "../meter/latest.js";
import { formatMeterTime } from "../p1/calendar.js";
import { registerIndex } from "../p1/obis.js";
import type { Verdict } from "../p1/reader.js";
import { type MbusDevice, type Readings, readingAt } from "../p1/readings.js";

/** Fields that show a register as it is, in the register's unit. */
const plainFields: readonly (readonly [string, number])[] = Object.freeze(
	[
		["active_frequency_hz", registerIndex("frequency")],
		["active_voltage_l1_v", registerIndex("voltage_l1")],
		["active_voltage_l2_v", registerIndex("voltage_l2")],
		["active_voltage_l3_v", registerIndex("voltage_l3")],
	],
	true,
);

const countFields: readonly (readonly [string, number])[] = Object.freeze(
	[
		["active_tariff", registerIndex("tariff")],
		["voltage_sag_l1_count", registerIndex("voltage_sags_l1")],
		["voltage_sag_l2_count", registerIndex("voltage_sags_l2")],
		["voltage_sag_l3_count", registerIndex("voltage_sags_l3")],
		["voltage_swell_l1_count", registerIndex("voltage_swells_l1")],
		["voltage_swell_l2_count", registerIndex("voltage_swells_l2")],
		["voltage_swell_l3_count", registerIndex("voltage_swells_l3")],
		["any_power_fail_count", registerIndex("power_failures")],
		["long_power_fail_count", registerIndex("long_power_failures")],
	],
	true,
);

/** Where the registers of a phase stand. */
interface Phase {
	readonly name: string;
	readonly bought: number;
	readonly sold: number;
	readonly current: number;
}

const phases: readonly Phase[] = Object.freeze(
	["l1", "l2", "l3"].map(name => ({
		name,
		bought: registerIndex(`active_power_import_${name}`),
		sold: registerIndex(`active_power_export_${name}`),
		current: registerIndex(`current_${name}`),
	})),
	true,
);

/** Our types of meters on the M-Bus, and HomeWizard's. */
const deviceTypes: readonly (readonly [string, string])[] = Object.freeze(
	[
		["gas", "gas_meter"],
		["heat", "heat_meter"],
		["warm_water", "warm_water_meter"],
		["hot_water", "warm_water_meter"],
		["water", "water_meter"],
		["cold_water", "water_meter"],
		["heat_inlet", "inlet_heat_meter"],
	],
	true,
);

/**
 * `GET /api/v1/data`, in parts. What the meter does not send is left out, as HomeWizard does. Powers are import less export. It shows
 * what is known at the call: the account, which goes on, is read now; the readings of a telegram do not change. `doubt`: what vouches for
 * readings that had a better witness before, or null.
 */
export function makeMeterData(
	readings: Readings,
	account: Account | null,
	surroundings: Surroundings,
	doubt: Verdict | null = null,
): Iterator<string, void> {
	const averages: string[] = [];
	const put = fieldsInto(averages);
	if (account === null) putDemand(readings, put);
	else putAverage(account, put);
	// HomeWizard has no such field, and its clients take no notice of it.
	put("verdict", doubt);
	return new Fields(readings, averages, surroundings);
}

/** No generator: one has as much as a page's piece on XS's heap for what is local in it. */
class Fields implements Iterator<string, void> {
	private readonly readings: Readings;
	private readonly averages: string[];
	private readonly surroundings: Surroundings;
	private section = 0;
	/** The next of the meters on the M-Bus, and what stands before it. */
	private device = 0;
	private start = '"external":[';

	constructor(readings: Readings, averages: string[], surroundings: Surroundings) {
		this.readings = readings;
		this.averages = averages;
		this.surroundings = surroundings;
	}

	next(): IteratorResult<string, void> {
		if (this.section > 5) return { done: true, value: undefined };
		return { done: false, value: this.section < 5 ? this.makeFields() : this.makeExternal() };
	}

	private makeFields(): string {
		const { readings } = this;
		const fields: string[] = [];
		const put = fieldsInto(fields);
		this.section += 1;
		switch (this.section) {
			case 1:
				putSource(readings, this.surroundings, put);
				putEnergy(readings, importRegisters, put);
				putEnergy(readings, exportRegisters, put);
				return `{${fields.join("")}`;
			case 2:
				for (const [name, at] of plainFields) put(name, divide(readingAt(readings, at)));
				break;
			case 3:
				for (const [name, at] of countFields) put(name, readingAt(readings, at));
				break;
			case 4:
				put("active_power_w", signedPower(readings));
				put("active_current_a", divide(sumCurrents(readings)));
				for (const phase of phases) putPhase(readings, phase, put);
				break;
			default:
				putGas(readings, put);
				return this.averages.join("") + fields.join("");
		}
		return fields.join("");
	}

	private makeExternal(): string {
		const { start, device } = this;
		const { devices } = this.readings;
		if (device === devices.length) {
			this.section += 1;
			return start === "," ? "]}" : `${start}]}`;
		}
		this.device += 1;
		const external = describeExternal(devices[device]);
		if (external === null) return "";
		this.start = ",";
		return start + external;
	}
}

type Put = (name: string, value: number | string | null) => void;

/** Each field with a comma after it. */
function fieldsInto(fields: string[]): Put {
	return (name, value) => {
		if (value !== null) fields.push(`"${name}":${typeof value === "number" ? value : JSON.stringify(value)},`);
	};
}

function putSource(readings: Readings, { network, signalStrength }: Surroundings, put: Put): void {
	put("wifi_ssid", network);
	put("wifi_strength", percentOf(signalStrength));
	put("smr_version", readings.version === null ? null : Number(readings.version) || null);
	put("meter_model", readings.identification);
	const id = readings.serial ?? readings.equipment;
	put("unique_id", id === null ? null : hexOf(id));
}

/** Where the registers of a direction stand. */
interface EnergyRegisters {
	readonly way: string;
	readonly total: number;
	/** Of each tariff from the first. */
	readonly tariffs: readonly number[];
}

function listEnergy(way: string): EnergyRegisters {
	const tariffs = [1, 2, 3, 4].map(tariff => registerIndex(`active_energy_${way}_t${tariff}`));
	return Object.freeze({ way, total: registerIndex(`active_energy_${way}`), tariffs }, true);
}

const importRegisters = listEnergy("import");
const exportRegisters = listEnergy("export");

/** The total and each tariff. Of meters with tariffs some send no total, of those without any all energy is of the first. */
function putEnergy(readings: Readings, { way, total: place, tariffs }: EnergyRegisters, put: Put): void {
	const each = tariffs.map(at => readingAt(readings, at));
	const known = each.filter(value => value !== null);
	const sum = known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
	const total = readingAt(readings, place) ?? sum;
	put(`total_power_${way}_kwh`, divide(total));
	if (sum === null) put(`total_power_${way}_t1_kwh`, divide(total));
	else for (let at = 0; at < each.length; at += 1) put(`total_power_${way}_t${at + 1}_kwh`, divide(each[at]));
}

function divide(value: number | null): number | null {
	return value === null ? null : value / 1000;
}

function balance(readings: Readings, phase: Phase): number | null {
	const bought = readingAt(readings, phase.bought);
	const sold = readingAt(readings, phase.sold);
	return bought === null && sold === null ? null : (bought ?? 0) - (sold ?? 0);
}

function putPhase(readings: Readings, phase: Phase, put: Put): void {
	put(`active_power_${phase.name}_w`, balance(readings, phase));
	put(`active_current_${phase.name}_a`, divide(signedCurrent(readings, phase)));
}

/**
 * The phase's current in mA, or null. The meter's currents have no sign; HomeWizard's are negative where a phase exports. Where the
 * phase's own power is not sent, the sign is that of the whole.
 */
function signedCurrent(readings: Readings, phase: Phase): number | null {
	const current = readingAt(readings, phase.current);
	const power = balance(readings, phase) ?? signedPower(readings) ?? 0;
	return current !== null && current > 0 && power < 0 ? -current : current;
}

/** The sum of the phases' currents, with their signs, in mA; null where the meter sends none. */
function sumCurrents(readings: Readings): number | null {
	let sum: number | null = null;
	for (const phase of phases) {
		const current = signedCurrent(readings, phase);
		if (current !== null) sum = (sum ?? 0) + current;
	}
	return sum;
}

/** HomeWizard's own names, misspelt as they are. */
function putAverage(account: Account, put: Put): void {
	put("active_power_average_w", reportQuarter(account).power);
	if (account.peak === null) return;
	put("montly_power_peak_w", account.peak);
	put("montly_power_peak_timestamp", stampOf(account.peakTime + quarterMs));
}

const averageDemand = registerIndex("average_demand_import");
const peakDemand = registerIndex("peak_demand_import");
const peakDemandTime = registerIndex("peak_demand_import_time");

/** The same, where the meter itself has it, as Belgium's do. */
function putDemand(readings: Readings, put: Put): void {
	put("active_power_average_w", readingAt(readings, averageDemand));
	put("montly_power_peak_w", readingAt(readings, peakDemand));
	const time = readingAt(readings, peakDemandTime);
	put("montly_power_peak_timestamp", time === null ? null : stampOf(time));
}

function putGas(readings: Readings, put: Put): void {
	const gas = findGasVolume(readings);
	if (gas === null) return;
	put("total_gas_m3", divide(gas.value));
	put("gas_timestamp", gas.time === null ? null : stampOf(gas.time));
	put("gas_unique_id", gas.id === null ? null : hexOf(gas.id));
}

function describeExternal({ type, id, value, unit, time }: MbusDevice): string | null {
	const known = deviceTypes.find(([ours]) => ours === type);
	if (known === undefined || id === null || value === null || time === null || unit === "") return null;
	const shown = unit === "m³" ? "m3" : unit;
	const stamp = stampOf(time);
	return `{"unique_id":"${hexOf(id)}","type":"${known[1]}","timestamp":${stamp},"value":${value / 1000},"unit":"${shown}"}`;
}

/** Local time as the number YYMMDDhhmmss. */
function stampOf(time: number): number {
	return Number(formatMeterTime(time).slice(0, 12));
}

function hexOf(text: string): string {
	let hex = "";
	for (let at = 0; at < text.length; at += 1) hex += text.charCodeAt(at).toString(16).toUpperCase().padStart(2, "0");
	return hex;
}

/** -50 dBm and better is all, -100 dBm nothing. A cable has no strength to tell. */
function percentOf(strength: number | null): number {
	return strength === null ? 100 : Math.max(0, Math.min(100, 2 * (strength + 100)));
}
