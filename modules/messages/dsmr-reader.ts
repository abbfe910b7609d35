/** Readings in the topics of DSMR-reader. */
import { formatTime } from "../p1/calendar.js";
import { registerIndex } from "../p1/obis.js";
import type { Readings } from "../p1/readings.js";
import type { Values } from "./chunks.js";
import { findGasVolume } from "./gas.js";
import { formatRegister } from "./json.js";

/** Fields of DSMR-reader's readings that are registers of ours. */
const names: readonly (readonly [string, string])[] = Object.freeze(
	[
		["electricity_currently_delivered", "active_power_import"],
		["electricity_currently_returned", "active_power_export"],
		["phase_currently_delivered_l1", "active_power_import_l1"],
		["phase_currently_delivered_l2", "active_power_import_l2"],
		["phase_currently_delivered_l3", "active_power_import_l3"],
		["phase_currently_returned_l1", "active_power_export_l1"],
		["phase_currently_returned_l2", "active_power_export_l2"],
		["phase_currently_returned_l3", "active_power_export_l3"],
		["phase_voltage_l1", "voltage_l1"],
		["phase_voltage_l2", "voltage_l2"],
		["phase_voltage_l3", "voltage_l3"],
		["phase_power_current_l1", "current_l1"],
		["phase_power_current_l2", "current_l2"],
		["phase_power_current_l3", "current_l3"],
	],
	true,
);

const places: readonly number[] = Object.freeze(names.map(([, register]) => registerIndex(register)));

/** Fields of energy, the registers of both tariffs, and the total. */
const energies: readonly (readonly [string, string])[] = Object.freeze(
	[
		["electricity_delivered", "active_energy_import"],
		["electricity_returned", "active_energy_export"],
	],
	true,
);

/** Places of the total and of both tariffs, in the order of `energies`. */
const energyPlaces: readonly (readonly number[])[] = Object.freeze(
	energies.map(([, name]) => [registerIndex(name), registerIndex(`${name}_t1`), registerIndex(`${name}_t2`)]),
	true,
);

/**
 * `<root>/reading/<field>` for each field that has a value, and all of them as one JSON object on `<root>/json`. Where the meter has no tariffs, as
 * in Luxembourg, all energy is of the first, and the second is 0.
 */
export function* encodeDsmrReader(readings: Readings, root: string): Values {
	let json = "";
	for (const [name, value, quote] of listFields(readings)) {
		json += `${json === "" ? "{" : ","}"${name}":${value === null ? "null" : quote + value + quote}`;
		yield [`${root}/reading/${name}`, value];
	}
	yield [`${root}/json`, `${json}}`];
}

/** Each field in their order, and what is around its value in JSON. */
function* listFields(readings: Readings): Generator<readonly [name: string, value: string | null, quote: string]> {
	const { time } = readings;
	yield ["timestamp", time === null ? null : formatTime(time), '"'];
	const tariffs = energyPlaces.map(places => readTariffs(readings, places));
	for (let at = 0; at < energies.length; at += 1) yield [`${energies[at][0]}_1`, tariffs[at][0], ""];
	for (let at = 0; at < names.length; at += 1) yield [names[at][0], formatRegister(readings, places[at]), ""];
	for (let at = 0; at < energies.length; at += 1) yield [`${energies[at][0]}_2`, tariffs[at][1], ""];
	const gas = findGasVolume(readings);
	const captured = gas?.time ?? null;
	yield ["extra_device_timestamp", captured === null ? null : formatTime(captured), '"'];
	yield ["extra_device_delivered", gas === null ? null : String(gas.value / 1000), ""];
}

/** What the first and the second tariff have; where the meter has none, all of it and nothing. */
function readTariffs(readings: Readings, places: readonly number[]): readonly [string | null, string | null] {
	const [total, first, second] = places.map(place => formatRegister(readings, place));
	return first === null && second === null ? [total, "0"] : [first, second];
}
