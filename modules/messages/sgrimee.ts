/** Readings in the topics of sgrimee's reader. */
import { readText } from "../p1/hex-text.js";
import { findValues } from "../p1/plain.js";
import type { Telegram } from "../p1/reader.js";
import { findGas } from "../p1/readings.js";
import type { Emit } from "./chunks.js";

/** Names of sgrimee's smarty-reader, OBIS codes and units, in the order of the names. */
const fields: readonly (readonly [string, string, string])[] = Object.freeze(
	[
		["act_pwr_p_minus_l1", "1-0:22.7.0", "kW"],
		["act_pwr_p_minus_l2", "1-0:42.7.0", "kW"],
		["act_pwr_p_minus_l3", "1-0:62.7.0", "kW"],
		["act_pwr_p_plus_l1", "1-0:21.7.0", "kW"],
		["act_pwr_p_plus_l2", "1-0:41.7.0", "kW"],
		["act_pwr_p_plus_l3", "1-0:61.7.0", "kW"],
		["apparent_export_pwr", "1-0:10.7.0", "kVA"],
		["apparent_import_pwr", "1-0:9.7.0", "kVA"],
		["broker_ctrl_state_1", "0-1:96.3.10", ""],
		["broker_ctrl_state_2", "0-2:96.3.10", ""],
		["elec_failures", "0-0:96.7.21", ""],
		["elec_sags_l1", "1-0:32.32.0", ""],
		["elec_sags_l2", "1-0:52.32.0", ""],
		["elec_sags_l3", "1-0:72.32.0", ""],
		["elec_swells_l1", "1-0:32.36.0", ""],
		["elec_swells_l2", "1-0:52.36.0", ""],
		["elec_swells_l3", "1-0:72.36.0", ""],
		["elec_switch_postn", "0-0:96.3.10", ""],
		["elec_threshold", "0-0:17.0.0", "kVA"],
		["energy_delivered_tariff1", "1-0:1.8.0", "kWh"],
		["energy_returned_tariff1", "1-0:2.8.0", "kWh"],
		["limiter_curr_monitor", "1-1:31.4.0", "A"],
		["msg2_long", "0-0:96.13.2", ""],
		["msg3_long", "0-0:96.13.3", ""],
		["msg4_long", "0-0:96.13.4", ""],
		["msg5_long", "0-0:96.13.5", ""],
		["msg_short", "0-0:96.13.0", ""],
		["p1_version", "1-3:0.2.8", ""],
		["phase_curr_l1", "1-0:31.7.0", "A"],
		["phase_curr_l2", "1-0:51.7.0", "A"],
		["phase_curr_l3", "1-0:71.7.0", "A"],
		["phase_volt_l1", "1-0:32.7.0", "V"],
		["phase_volt_l2", "1-0:52.7.0", "V"],
		["phase_volt_l3", "1-0:72.7.0", "V"],
		["pwr_delivered", "1-0:1.7.0", "kW"],
		["pwr_returned", "1-0:2.7.0", "kW"],
		["react_energy_delivered_tariff1", "1-0:3.8.0", "kvarh"],
		["react_energy_returned_tariff1", "1-0:4.8.0", "kvarh"],
		["react_pwr_delivered", "1-0:3.7.0", "kvar"],
		["react_pwr_q_minus_l1", "1-0:24.7.0", "kvar"],
		["react_pwr_q_minus_l2", "1-0:44.7.0", "kvar"],
		["react_pwr_q_minus_l3", "1-0:64.7.0", "kvar"],
		["react_pwr_q_plus_l1", "1-0:23.7.0", "kvar"],
		["react_pwr_q_plus_l2", "1-0:43.7.0", "kvar"],
		["react_pwr_q_plus_l3", "1-0:63.7.0", "kvar"],
		["react_pwr_returned", "1-0:4.7.0", "kvar"],
		["timestamp", "0-0:1.0.0", ""],
	],
	true,
);

const nothing = "(null)";

/** `<root>/<name>/value` with the meter's own digits, leading zeros included, and `(null)` for what the telegram has not. */
export function encodeSgrimee(telegram: Telegram, root: string, emit: Emit): void {
	const { bytes, start, end, readings } = telegram;
	const text = readText(bytes, start, end);
	for (const [name, code] of fields) emit(`${root}/${name}/value`, findValues(text, code)[0] || nothing);
	emit(`${root}/equipment_id/value`, readings.serial ?? nothing);
	const gas = findGas(readings);
	const index = gas === null ? [] : findValues(text, `0-${gas.channel}:24.2.1`);
	emit(`${root}/gas_index/value`, index[1] || nothing);
}

/** `<root>/<name>/unit`, which does not change: to be sent once, retained. */
export function encodeSgrimeeUnits(root: string, emit: Emit): void {
	for (const [name, , unit] of fields) if (unit !== "") emit(`${root}/${name}/unit`, unit);
	emit(`${root}/gas_index/unit`, "m3");
}
