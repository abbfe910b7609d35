/** Readings in the topics of SmartyReader. */
import { formatLocalTime } from "../p1/calendar.js";
import { registerIndex, registers } from "../p1/obis.js";
import type { Readings } from "../p1/readings.js";
import type { Values } from "./chunks.js";
import { findGasVolume } from "./gas.js";
import { formatRegister } from "./json.js";

/** Names of the SmartyReader of weigu.lu (versions 1.6 and 1.7), without the unit, and of the register that each shows. */
const names: readonly (readonly [string, string])[] = Object.freeze(
	[
		["act_energy_imported_p_plus", "active_energy_import"],
		["act_energy_exported_p_minus", "active_energy_export"],
		["react_energy_imported_q_plus", "reactive_energy_import"],
		["react_energy_exported_q_minus", "reactive_energy_export"],
		["act_pwr_imported_p_plus", "active_power_import"],
		["act_pwr_exported_p_minus", "active_power_export"],
		["react_pwr_imported_q_plus", "reactive_power_import"],
		["react_pwr_exported_q_minus", "reactive_power_export"],
		["active_threshold_smax", "active_threshold"],
		["breaker_ctrl_state_0", "breaker_state"],
		["num_pwr_failures", "power_failures"],
		["num_volt_sags_l1", "voltage_sags_l1"],
		["num_volt_sags_l2", "voltage_sags_l2"],
		["num_volt_sags_l3", "voltage_sags_l3"],
		["num_volt_swells_l1", "voltage_swells_l1"],
		["num_volt_swells_l2", "voltage_swells_l2"],
		["num_volt_swells_l3", "voltage_swells_l3"],
		["curr_l1", "current_l1"],
		["curr_l2", "current_l2"],
		["curr_l3", "current_l3"],
		["act_pwr_imp_p_plus_l1", "active_power_import_l1"],
		["act_pwr_imp_p_plus_l2", "active_power_import_l2"],
		["act_pwr_imp_p_plus_l3", "active_power_import_l3"],
		["act_pwr_exp_p_minus_l1", "active_power_export_l1"],
		["act_pwr_exp_p_minus_l2", "active_power_export_l2"],
		["act_pwr_exp_p_minus_l3", "active_power_export_l3"],
		["react_pwr_imp_q_plus_l1", "reactive_power_import_l1"],
		["react_pwr_imp_q_plus_l2", "reactive_power_import_l2"],
		["react_pwr_imp_q_plus_l3", "reactive_power_import_l3"],
		["react_pwr_exp_q_minus_l1", "reactive_power_export_l1"],
		["react_pwr_exp_q_minus_l2", "reactive_power_export_l2"],
		["react_pwr_exp_q_minus_l3", "reactive_power_export_l3"],
		["apparent_export_pwr", "apparent_power_export"],
		["apparent_import_pwr", "apparent_power_import"],
		["breaker_ctrl_state_1", "relay_1_state"],
		["breaker_ctrl_state_2", "relay_2_state"],
		["limiter_curr_monitor", "current_threshold_import"],
		["volt_l1", "voltage_l1"],
		["volt_l2", "voltage_l2"],
		["volt_l3", "voltage_l3"],
	],
	true,
);

const messageNames: readonly string[] = Object.freeze(
	["msg_long_e_meter", "msg_long_ch2", "msg_long_ch3", "msg_long_ch4", "msg_long_ch5"],
	true,
);

/** Places in `registers`, in the order of `names`. */
const places: readonly number[] = Object.freeze(names.map(([, register]) => registerIndex(register)));
const totals: readonly (readonly [string, string, string])[] = Object.freeze(
	[
		["", "active_power_import", "active_power_export"],
		["_l1", "active_power_import_l1", "active_power_export_l1"],
		["_l2", "active_power_import_l2", "active_power_export_l2"],
		["_l3", "active_power_import_l3", "active_power_export_l3"],
	],
	true,
);
const flows: readonly (readonly [string, number, number])[] = Object.freeze(
	totals.map(([suffix, bought, sold]) => [suffix, registerIndex(bought), registerIndex(sold)] as const),
	true,
);

/**
 * `<root>/<name>[_<unit>]` with a bare number, as the SmartyReader publishes each value, but with all decimals of the meter and without what
 * the telegram does not have. Times are local. Of the calculated values those that need no history.
 */
export function* encodeSmartyreader(readings: Readings, root: string): Values {
	const { identification, version, time, serial, equipment, messages } = readings;
	// First, because displays take it for the beginning of a set of values.
	const local = time === null ? null : formatLocalTime(time);
	yield [`${root}/ntp_datetime`, local];
	yield [`${root}/identification`, `/${identification}`];
	yield [`${root}/p1_version`, version];
	yield [`${root}/timestamp`, local];
	yield [`${root}/equipment_id`, serial ?? equipment];
	for (let at = 0; at < names.length; at += 1) {
		const { unit } = registers[places[at]];
		yield [`${root}/${names[at][0]}${unit === "" ? "" : `_${unit}`}`, formatRegister(readings, places[at])];
	}
	for (let at = 0; at < messageNames.length; at += 1) yield [`${root}/${messageNames[at]}`, messages[at] ?? null];
	const gas = findGasVolume(readings);
	if (gas !== null) {
		yield [`${root}/gas_index_m3`, String(gas.value / 1000)];
		yield [`${root}/gas_meter_id_hex`, gas.id === null ? null : formatCodes(gas.id)];
	}
	yield* encodeCalculated(readings, root);
}

function formatCodes(text: string): string {
	let hex = "";
	for (let at = 0; at < text.length; at += 1) hex += text.charCodeAt(at).toString(16).toUpperCase().padStart(2, "0");
	return hex;
}

/** The meter nets its phases, but can show import and export at once: the difference is what flows. */
function* encodeCalculated({ values }: Readings, root: string): Values {
	const [bought, sold] = [values[0], values[1]];
	yield [`${root}/energy_consumption_calc_kWh`, bought === null ? null : String(bought / 1000)];
	yield [`${root}/energy_production_calc_kWh`, sold === null ? null : String(sold / 1000)];
	for (const [suffix, imported, exported] of flows) {
		const flow = (values[imported] ?? Number.NaN) - (values[exported] ?? Number.NaN);
		if (Number.isNaN(flow)) continue;
		yield [`${root}/power_consumption${suffix}_calc_W`, String(Math.max(0, flow))];
		yield [`${root}/power_production${suffix}_calc_W`, String(Math.max(0, -flow))];
		yield [`${root}/power_excess_solar${suffix}_calc_W`, String(Math.max(0, -flow))];
	}
}
