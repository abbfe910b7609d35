import { parseDecimal } from "./decimal.js";
import type { Unit } from "./obis.js";

/** One value of a line, `(number*unit)` or anything else in brackets. Made once, overwritten by each `parseValue`. */
export interface Value {
	/** Behind the bracket. */
	start: number;
	/** At the `*` before the unit, or at the bracket. */
	end: number;
	/** At the closing bracket: the unit lies between `end` + 1 and this. */
	close: number;
}

export function createValue(): Value {
	return { start: 0, end: 0, close: 0 };
}

/** Reads the value that begins at `start`, behind its bracket. The place of the closing one, or -1. Looks at each byte once. */
export function parseValue(value: Value, bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	let star = -1;
	for (; at < end; at += 1) {
		const byte = bytes[at];
		if (byte > 42) continue;
		if (byte === 41) break;
		if (byte === 40 || byte === 13 || byte === 10) return -1;
		if (byte === 42 && star < 0) star = at;
	}
	if (at === end) return -1;
	value.start = start;
	value.end = star < 0 ? at : star;
	value.close = at;
	return at;
}

/** What a unit looks like in a line, and how many decimals of a value without unit are kept. */
export interface Measure {
	/** The letter of the prefix kilo, which may be missing in a line; 0 for a unit that has none. */
	readonly prefix: number;
	/** The unit without that, as `packName` packs it; `noName` for numbers that have none. */
	readonly name: number;
	readonly decimals: 0 | 3;
	/** What stands behind a number as a rule: `*`, the unit as the meter prints it, and the bracket. */
	readonly ending: readonly number[];
}

/** What `packName` makes of nothing that could be there. */
const noName = 1;

export function createMeasure(unit: Unit): Measure {
	if (unit === "") return { prefix: 0, name: noName, decimals: 0, ending: [41] };
	const prefix = unit.startsWith("k") ? 107 : 0;
	// The meter writes m3.
	const bytes = Uint8Array.from(`*${unit.replace("³", "3")})`, letter => letter.charCodeAt(0));
	const name = packName(bytes, prefix === 0 ? 1 : 2, bytes.length - 1);
	return { prefix, name, decimals: 3, ending: Array.from(bytes) };
}

/**
 * The value as an integer in thousandths of the measure's unit; without unit as it is. Takes the unit in either case, with or
 * without the prefix kilo (`Wh`), and no unit at all. NaN for anything else.
 */
export function scaleValue(value: Value, bytes: Uint8Array, measure: Measure): number {
	const { start, end, close } = value;
	let decimals = measure.decimals;
	if (end < close) {
		let at = end + 1;
		if (measure.prefix !== 0) {
			if ((bytes[at] | 32) === measure.prefix) at += 1;
			else decimals = 0;
		}
		if (packName(bytes, at, close) !== measure.name) return Number.NaN;
	}
	return parseDecimal(bytes, start, end, decimals);
}

/** Up to four characters in one number, whatever their case; -2 for more. */
function packName(bytes: Uint8Array, start: number, end: number): number {
	if (end - start > 4) return -2;
	let name = 0;
	for (let at = start; at < end; at += 1) name = (name << 8) | bytes[at] | 32;
	return name;
}
