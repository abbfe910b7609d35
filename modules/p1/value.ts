import { parseDecimal } from "./decimal.js";
import type { Line } from "./line.js";
import type { Unit } from "./obis.js";

/** What a unit looks like in a line, and how many decimals of a value without unit are kept. */
export interface Measure {
	/** Whether it has the prefix kilo, which may be missing. */
	readonly kilo: boolean;
	/** The unit without that, as `packName` packs it; -1 for numbers that have none. */
	readonly name: number;
	readonly decimals: number;
}

export function createMeasure(unit: Unit): Measure {
	if (unit === "") return { kilo: false, name: -1, decimals: 0 };
	const kilo = unit.startsWith("k");
	// The meter writes m3.
	const bytes = Uint8Array.from(unit.replace("³", "3"), letter => letter.charCodeAt(0));
	return { kilo, name: packName(bytes, kilo ? 1 : 0, bytes.length), decimals: 3 };
}

/**
 * Value number `index` of a line as an integer in thousandths of the measure's unit; without unit as it is. Takes the unit in
 * either case, with or without the prefix kilo (`Wh`), and no unit at all. NaN for anything else.
 */
export function parseScaled(line: Line, bytes: Uint8Array, index: number, measure: Measure): number {
	const end = line.ends[index];
	const close = line.closes[index];
	let { decimals } = measure;
	if (end < close) {
		let at = end + 1;
		if (measure.kilo) {
			if ((bytes[at] | 32) === 107) at += 1;
			else decimals = 0;
		}
		if (packName(bytes, at, close) !== measure.name) return Number.NaN;
	}
	return parseDecimal(bytes, line.starts[index], end, decimals);
}

/** Up to four characters in one number, whatever their case; -2 for more. */
function packName(bytes: Uint8Array, start: number, end: number): number {
	if (end - start > 4) return -2;
	let name = 0;
	for (let at = start; at < end; at += 1) name = (name << 8) | bytes[at] | 32;
	return name;
}
