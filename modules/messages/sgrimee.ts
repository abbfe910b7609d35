/** Readings in the topics of sgrimee's reader. */
import { formatMeterTime } from "../p1/calendar.js";
import { registerIndex, registers, type Unit } from "../p1/obis.js";
import { type Readings, readingAt } from "../p1/readings.js";
import { cutText, type Payload, type Values } from "./chunks.js";
import { findGasVolume } from "./gas.js";
import { messageNames } from "./json.js";

/** Names of sgrimee's smarty-reader in their order, and the fields of the state message that they show. */
const fields: readonly (readonly [string, string])[] = Object.freeze(
	[
		["act_pwr_p_minus_l1", "active_power_export_l1"],
		["act_pwr_p_minus_l2", "active_power_export_l2"],
		["act_pwr_p_minus_l3", "active_power_export_l3"],
		["act_pwr_p_plus_l1", "active_power_import_l1"],
		["act_pwr_p_plus_l2", "active_power_import_l2"],
		["act_pwr_p_plus_l3", "active_power_import_l3"],
		["apparent_export_pwr", "apparent_power_export"],
		["apparent_import_pwr", "apparent_power_import"],
		["broker_ctrl_state_1", "relay_1_state"],
		["broker_ctrl_state_2", "relay_2_state"],
		["elec_failures", "power_failures"],
		["elec_sags_l1", "voltage_sags_l1"],
		["elec_sags_l2", "voltage_sags_l2"],
		["elec_sags_l3", "voltage_sags_l3"],
		["elec_swells_l1", "voltage_swells_l1"],
		["elec_swells_l2", "voltage_swells_l2"],
		["elec_swells_l3", "voltage_swells_l3"],
		["elec_switch_postn", "breaker_state"],
		["elec_threshold", "active_threshold"],
		["energy_delivered_tariff1", "active_energy_import"],
		["energy_returned_tariff1", "active_energy_export"],
		["limiter_curr_monitor", "current_threshold_import"],
		["msg2_long", "message_2"],
		["msg3_long", "message_3"],
		["msg4_long", "message_4"],
		["msg5_long", "message_5"],
		["msg_short", "message"],
		["p1_version", "version"],
		["phase_curr_l1", "current_l1"],
		["phase_curr_l2", "current_l2"],
		["phase_curr_l3", "current_l3"],
		["phase_volt_l1", "voltage_l1"],
		["phase_volt_l2", "voltage_l2"],
		["phase_volt_l3", "voltage_l3"],
		["pwr_delivered", "active_power_import"],
		["pwr_returned", "active_power_export"],
		["react_energy_delivered_tariff1", "reactive_energy_import"],
		["react_energy_returned_tariff1", "reactive_energy_export"],
		["react_pwr_delivered", "reactive_power_import"],
		["react_pwr_q_minus_l1", "reactive_power_export_l1"],
		["react_pwr_q_minus_l2", "reactive_power_export_l2"],
		["react_pwr_q_minus_l3", "reactive_power_export_l3"],
		["react_pwr_q_plus_l1", "reactive_power_import_l1"],
		["react_pwr_q_plus_l2", "reactive_power_import_l2"],
		["react_pwr_q_plus_l3", "reactive_power_import_l3"],
		["react_pwr_returned", "reactive_power_export"],
		["timestamp", "time"],
	],
	true,
);

/** How many digits Luxembourg's meters print at least before the point, and after it. */
const widths: readonly (readonly [Unit, number, number])[] = Object.freeze(
	[
		["kWh", 6, 3],
		["kvarh", 6, 3],
		["kW", 2, 3],
		["kvar", 2, 3],
		["kVA", 2, 3],
		["V", 3, 1],
		["A", 3, 0],
		["m³", 5, 3],
	],
	true,
);

/** The threshold has another width than the other apparent powers, and counts have five digits. */
const thresholdName = "active_threshold";
const countDigits = 5;

const nothing = "(null)";
/** Characters of a message that are turned into digits at once. */
const octetsLength = 64;

/** A place in `registers`, or -1 for what is no register. */
const places: readonly number[] = Object.freeze(
	fields.map(([, source]) => (registers.some(({ name }) => name === source) ? registerIndex(source) : -1)),
);

/**
 * `<root>/<name>/value` with leading zeros as the meter prints them, and `(null)` for what the telegram has not. The numbers are
 * those of the readings in the unit that `encodeSgrimeeUnits` tells, whatever unit the meter has printed.
 */
export function* encodeSgrimee(readings: Readings, root: string): Values {
	for (let at = 0; at < fields.length; at += 1) {
		const [name, source] = fields[at];
		const value = places[at] < 0 ? readText(readings, source) : readRegister(readings, places[at]);
		yield [`${root}/${name}/value`, value || nothing];
	}
	yield [`${root}/equipment_id/value`, readings.serial ?? readings.equipment ?? nothing];
	const gas = findGasVolume(readings);
	yield [`${root}/gas_index/value`, gas === null ? nothing : formatUnit(gas.value, "m³")];
}

/** `<root>/<name>/unit`, which does not change: to be sent once, retained. */
export function* encodeSgrimeeUnits(root: string): Values {
	for (let at = 0; at < fields.length; at += 1) {
		const unit = places[at] < 0 ? "" : registers[places[at]].unit;
		if (unit !== "") yield [`${root}/${fields[at][0]}/unit`, unit];
	}
	yield [`${root}/gas_index/unit`, "m3"];
}

function readText({ version, time, messages }: Readings, source: string): Payload | null {
	if (source === "version") return version;
	if (source === "time") return time === null ? null : formatMeterTime(time);
	const message = messages[messageNames.indexOf(source)] ?? null;
	if (message === null || message.length <= octetsLength) return message === null ? null : formatOctets(message);
	const make = (at: number) => {
		const start = at * octetsLength;
		if (start >= message.length) return null;
		return formatOctets(message.slice(cutText(message, start), cutText(message, start + octetsLength)));
	};
	return { held: message.length, make };
}

function readRegister(readings: Readings, place: number): string | null {
	const value = readingAt(readings, place);
	if (value === null) return null;
	const { name, unit } = registers[place];
	if (name === thresholdName) return formatDecimal(value, 3, 1);
	if (unit !== "") return formatUnit(value, unit);
	return name.endsWith("_state") ? String(value) : formatDecimal(1000 * value, countDigits, 0);
}

/** Thousandths with leading zeros as Luxembourg's meters print them in this unit. */
export function formatUnit(value: number, unit: Unit): string {
	const [, whole, decimals] = widths.find(([known]) => known === unit)!;
	return formatDecimal(value, whole, decimals);
}

/** Thousandths with at least so many digits before the point, and after it; with more where the value has more. */
function formatDecimal(thousandths: number, whole: number, decimals: number): string {
	const size = Math.abs(thousandths);
	let fraction = String(size % 1000).padStart(3, "0");
	while (fraction.length > decimals && fraction.endsWith("0")) fraction = fraction.slice(0, -1);
	const digits = String(Math.floor(size / 1000)).padStart(whole, "0");
	return `${thousandths < 0 ? "-" : ""}${digits}${fraction === "" ? "" : `.${fraction}`}`;
}

/** A text as the meter sends it: its octets of UTF-8 as hexadecimal digits. Cost: some thousand instructions for a character. */
function formatOctets(text: string): string {
	let hex = "";
	const { length } = text;
	for (let at = 0; at < length; at += 1) {
		const code = text.charCodeAt(at);
		if (code < 128) {
			const low = code & 15;
			hex += String.fromCharCode((code >> 4) + 48, low + (low < 10 ? 48 : 55));
			continue;
		}
		// A character of two UTF-16 units is one for UTF-8.
		const units = code >= 0xd800 && code < 0xdc00 ? 2 : 1;
		hex += encodeURIComponent(text.slice(at, at + units)).replaceAll("%", "");
		at += units - 1;
	}
	return hex;
}
