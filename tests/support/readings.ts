/** Readings in the shape of the oracle's. */

import { registers } from "../../modules/p1/obis.js";
import type { Readings } from "../../modules/p1/readings.js";
import type { OracleReadings } from "./oracle.js";

/** The registers that have a value, by name. */
export function valuesByName(readings: Readings): Record<string, number> {
	const values: Record<string, number> = {};
	for (const [at, value] of readings.values.entries()) {
		if (value !== null) values[registers[at]!.name] = value;
	}
	for (const { at, value } of readings.others) values[registers[at]!.name] = value;
	return values;
}

/** Readings in the shape of the oracle's, to be compared as a whole. */
export function asOracle(readings: Readings): OracleReadings {
	const { identification, version, time, clock, serial, equipment, messages, devices, failures, objects } = readings;
	const { unread, understood } = readings;
	const values = valuesByName(readings);
	return {
		identification,
		version,
		time,
		clock,
		serial,
		equipment,
		values,
		messages,
		devices,
		failures,
		unread,
		understood,
		objects: objects.map(({ code, value }) => [code, value]),
	};
}
