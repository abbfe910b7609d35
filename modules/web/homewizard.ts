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
const plainFields: readonly (readonly [string, string])[] = Object.freeze(
	[
		["active_frequency_hz", "frequency"],
		["active_voltage_l1_v", "voltage_l1"],
		["active_voltage_l2_v", "voltage_l2"],
		["active_voltage_l3_v", "voltage_l3"],
	],
	true,
);

const countFields: readonly (readonly [string, string])[] = Object.freeze(
	[
		["active_tariff", "tariff"],
		["voltage_sag_l1_count", "voltage_sags_l1"],
		["voltage_sag_l2_count", "voltage_sags_l2"],
		["voltage_sag_l3_count", "voltage_sags_l3"],
		["voltage_swell_l1_count", "voltage_swells_l1"],
		["voltage_swell_l2_count", "voltage_swells_l2"],
		["voltage_swell_l3_count", "voltage_swells_l3"],
		["any_power_fail_count", "power_failures"],
		["long_power_fail_count", "long_power_failures"],
	],
	true,
);

const phases: readonly string[] = Object.freeze(["l1", "l2", "l3"]);

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
	return makeFields(readings, averages, surroundings);
}

function* makeFields(readings: Readings, averages: string[], surroundings: Surroundings): Generator<string, void> {
	const fields: string[] = [];
	const put = fieldsInto(fields);
	putSource(readings, surroundings, put);
	putEnergy(readings, "import", put);
	putEnergy(readings, "export", put);
	yield `{${take(fields)}`;
	for (const [name, register] of plainFields) put(name, divide(readValue(readings, register)));
	yield take(fields);
	for (const [name, register] of countFields) put(name, readValue(readings, register));
	yield take(fields);
	put("active_power_w", signedPower(readings));
	put("active_current_a", divide(sumCurrents(readings)));
	for (const phase of phases) putPhase(readings, phase, put);
	yield take(fields);
	fields.push(...averages);
	putGas(readings, put);
	yield take(fields);
	let start = '"external":[';
	for (const device of readings.devices) {
		const external = describeExternal(device);
		if (external === null) continue;
		yield start + external;
		start = ",";
	}
	yield start === "," ? "]}" : `${start}]}`;
}

/** The fields, with a comma after each, which are then forgotten. */
function take(fields: string[]): string {
	const text = fields.join("");
	fields.length = 0;
	return text;
}

type Put = (name: string, value: number | string | null) => void;

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

const tariffs: readonly number[] = Object.freeze([1, 2, 3, 4]);

/** The total and each tariff. Of meters with tariffs some send no total, of those without any all energy is of the first. */
function putEnergy(readings: Readings, way: "import" | "export", put: Put): void {
	const each = tariffs.map(tariff => readValue(readings, `active_energy_${way}_t${tariff}`));
	const known = each.filter(value => value !== null);
	const sum = known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
	const total = readValue(readings, `active_energy_${way}`) ?? sum;
	put(`total_power_${way}_kwh`, divide(total));
	if (sum === null) put(`total_power_${way}_t1_kwh`, divide(total));
	else for (const tariff of tariffs) put(`total_power_${way}_t${tariff}_kwh`, divide(each[tariff - 1]));
}

function readValue(readings: Readings, register: string): number | null {
	return readingAt(readings, registerIndex(register));
}

function divide(value: number | null): number | null {
	return value === null ? null : value / 1000;
}

function balance(readings: Readings, phase: string): number | null {
	const bought = readValue(readings, `active_power_import_${phase}`);
	const sold = readValue(readings, `active_power_export_${phase}`);
	return bought === null && sold === null ? null : (bought ?? 0) - (sold ?? 0);
}

function putPhase(readings: Readings, phase: string, put: Put): void {
	put(`active_power_${phase}_w`, balance(readings, phase));
	put(`active_current_${phase}_a`, divide(signedCurrent(readings, phase)));
}

/**
 * The phase's current in mA, or null. The meter's currents have no sign; HomeWizard's are negative where a phase exports. Where the
 * phase's own power is not sent, the sign is that of the whole.
 */
function signedCurrent(readings: Readings, phase: string): number | null {
	const current = readValue(readings, `current_${phase}`);
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

/** The same, where the meter itself has it, as Belgium's do. */
function putDemand(readings: Readings, put: Put): void {
	put("active_power_average_w", readValue(readings, "average_demand_import"));
	put("montly_power_peak_w", readValue(readings, "peak_demand_import"));
	const time = readValue(readings, "peak_demand_import_time");
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
