/** Reads the values of parts as they are drawn. */

import type { Part } from "./netlist.js";

const prefixes: Readonly<Record<string, number>> = { p: 1e-12, n: 1e-9, µ: 1e-6, m: 1e-3, R: 1, k: 1e3, M: 1e6 };

/** Ohms or farads from a value as it is drawn: `1k5`, `47R`, `6.8nF`, `1000µF`. @throws Error when it is none. */
export function parseValue(text: string): number {
	const inside = /^(\d+)([RkM])(\d*)$/.exec(text);
	if (inside) return Number(`${inside[1]}.${inside[3] || "0"}`) * (prefixes[inside[2] ?? ""] ?? Number.NaN);
	const behind = /^(\d+(?:\.\d+)?)([pnµm])F$/.exec(text);
	if (behind) return Number(behind[1]) * (prefixes[behind[2] ?? ""] ?? Number.NaN);
	throw new Error(`value: cannot read "${text}"`);
}

/** The first voltage in the rating field, 0 when there is none. */
export function readVoltageRating(part: Part): number {
	const found = /(\d+(?:\.\d+)?)\s*V/.exec(part.fields.get("Rating") ?? "");
	return found ? Number(found[1]) : 0;
}

/** Series resistance of a capacitor in ohms from its `ESR` field; 0.01 when the drawing names none. */
export function readSeriesResistance(part: Part): number {
	return Number(part.fields.get("ESR") ?? "0.01");
}
