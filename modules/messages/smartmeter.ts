/** Readings in the topics of SmartyReader's board for five meters. */
import { formatMeterTime } from "../p1/calendar.js";
import { registerIndex, registers } from "../p1/obis.js";
import { type Readings, readingAt } from "../p1/readings.js";
import type { Values } from "./chunks.js";
import { formatUnit } from "./sgrimee.js";

/** Its names for what was consumed and produced, active and reactive. */
const fields: readonly (readonly [string, number])[] = Object.freeze(
	[
		["c1", registerIndex("active_energy_import")] as const,
		["p1", registerIndex("active_energy_export")] as const,
		["c2", registerIndex("reactive_energy_import")] as const,
		["p2", registerIndex("reactive_energy_export")] as const,
	],
	true,
);

/**
 * `<root>/smartmeter<n>_p1`, n from 1: one JSON object with the time, the last three digits of the serial number and four indices, each a text as
 * the meter prints it. What the telegram does not have is left out.
 */
export function* encodeSmartmeter(readings: Readings, root: string, number: number): Values {
	const { time, serial, equipment } = readings;
	const parts: string[] = [];
	if (time !== null) parts.push(`"dt":"${formatMeterTime(time)}"`);
	parts.push(`"id":${JSON.stringify((serial ?? equipment ?? "").slice(-3))}`);
	for (let at = 0; at < fields.length; at += 1) {
		const [name, place] = fields[at];
		const value = readingAt(readings, place);
		const { unit } = registers[place];
		if (value !== null) parts.push(`"${name}":"${formatUnit(value, unit)}*${unit}"`);
	}
	yield [`${root}/smartmeter${number + 1}_p1`, `{${parts.join(",")}}`];
}
