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
	/** The number before the point, if that is a short number without sign; else -1, and `parseDecimal` knows. */
	whole: number;
	/** The number behind the point in thousandths. */
	part: number;
}

/** The longest number before the point that is read at once: it fits 32 bits. */
const mostDigits = 9;

export function createValue(): Value {
	return { start: 0, end: 0, close: 0, whole: -1, part: 0 };
}

/** Reads the value that begins at `start`, behind its bracket. The place of the closing one, or -1. Looks at each byte once. */
export function parseValue(value: Value, bytes: Uint8Array, start: number, end: number): number {
	// Nearly every value begins with a number.
	let at = start;
	let whole = 0;
	for (const limit = end - start > mostDigits ? start + mostDigits : end; at < limit; at += 1) {
		const digit = bytes[at] ^ 48;
		if (digit > 9) break;
		whole = whole * 10 + digit;
	}
	let isNumber = at > start;
	let part = 0;
	if (isNumber && at < end && bytes[at] === 46) {
		const first = at + 1;
		for (at = first; at < end; at += 1) {
			const digit = bytes[at] ^ 48;
			if (digit > 9) break;
			part = part * 10 + digit;
		}
		const decimals = at - first;
		isNumber = decimals > 0 && decimals <= 3;
		part *= decimals === 1 ? 100 : decimals === 2 ? 10 : 1;
	}
	const numberEnd = at;
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
	value.whole = isNumber && value.end === numberEnd ? whole : -1;
	value.part = part;
	return at;
}

/** What a unit looks like in a line, and how many decimals of a value without unit are kept. */
export interface Measure {
	/** The letter of the prefix kilo, which may be missing in a line; 0 for a unit that has none. */
	readonly prefix: number;
	/** The unit without that, as `packName` packs it; `noName` for numbers that have none. */
	readonly name: number;
	readonly decimals: 0 | 3;
}

/** What `packName` makes of nothing that could be there. */
const noName = 1;

export function createMeasure(unit: Unit): Measure {
	if (unit === "") return { prefix: 0, name: noName, decimals: 0 };
	const prefix = unit.startsWith("k") ? 107 : 0;
	// The meter writes m3.
	const bytes = Uint8Array.from(unit.replace("³", "3"), letter => letter.charCodeAt(0));
	return { prefix, name: packName(bytes, prefix === 0 ? 0 : 1, bytes.length), decimals: 3 };
}

/**
 * The value as an integer in thousandths of the measure's unit; without unit as it is. Takes the unit in either case, with or
 * without the prefix kilo (`Wh`), and no unit at all. NaN for anything else.
 */
export function scaleValue(value: Value, bytes: Uint8Array, measure: Measure): number {
	const { start, end, close, whole, part } = value;
	let decimals = measure.decimals;
	if (end < close) {
		let at = end + 1;
		if (measure.prefix !== 0) {
			if ((bytes[at] | 32) === measure.prefix) at += 1;
			else decimals = 0;
		}
		if (packName(bytes, at, close) !== measure.name) return Number.NaN;
	}
	if (whole < 0) return parseDecimal(bytes, start, end, decimals);
	if (decimals === 3) return whole * 1000 + part;
	return part === 0 ? whole : Number.NaN;
}

/** Up to four characters in one number, whatever their case; -2 for more. */
function packName(bytes: Uint8Array, start: number, end: number): number {
	if (end - start > 4) return -2;
	let name = 0;
	for (let at = start; at < end; at += 1) name = (name << 8) | bytes[at] | 32;
	return name;
}
