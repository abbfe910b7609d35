/** The values in a line's brackets. */
import { type Decimal, findNumber, scaleDecimal, skipBlanks } from "./decimal.js";
import { findExponent, type Measure, trimUnit } from "./measure.js";

/** One value of a line, what is between its brackets. Made once, overwritten by each `parseValue`. */
export interface Value {
	/** Behind the bracket. */
	start: number;
	/** At the closing bracket. */
	close: number;
}

export function createValue(): Value {
	return { start: 0, close: 0 };
}

/**
 * Reads the value that begins at `start`, behind its bracket. The place of the closing one, or -1. Any byte may lie between them but
 * another bracket and a line end. Looks at each byte once.
 */
export function parseValue(value: Value, bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	for (; at < end; at += 1) {
		const byte = bytes[at];
		if (byte > 41) continue;
		if (byte === 41) break;
		if (byte === 40 || byte === 13 || byte === 10) return -1;
	}
	if (at === end) return -1;
	value.start = start;
	value.close = at;
	return at;
}

/**
 * The value as an integer in thousandths of the measure's unit; where that is none, as it is. Takes a unit of the same kind with any
 * prefix, with or without the star, blanks around both, and no unit at all where the number may be in the measure's. NaN for
 * anything else. `decimal.rounded` tells whether decimals were lost.
 */
export function scaleValue(value: Value, bytes: Uint8Array, measure: Measure, decimal: Decimal): number {
	const { start, close } = value;
	if (!findNumber(decimal, bytes, start, close)) return Number.NaN;
	let at = skipBlanks(bytes, decimal.end, close);
	const hasStar = at < close && bytes[at] === 42;
	if (hasStar) at = skipBlanks(bytes, at + 1, close);
	if (at === close) {
		const number = hasStar ? Number.NaN : scaleDecimal(decimal, bytes, measure.decimals);
		const most = measure.decimals === 0 ? measure.most : measure.most * 1000;
		return Math.abs(number) <= most ? number : Number.NaN;
	}
	const exponent = findExponent(measure, bytes, at, trimUnit(bytes, at, close));
	return Number.isNaN(exponent) ? exponent : scaleDecimal(decimal, bytes, 3 + exponent);
}
