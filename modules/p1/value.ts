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
	const usual = scaleUsual(value, bytes, measure, decimal);
	return usual >= 0 ? usual : scaleAny(value, bytes, measure, decimal);
}

/**
 * The value if it has the form that nearly all have: up to nine digits, a point and up to three more where the measure has decimals, and
 * the unit as the meter prints it, or none. -1 for any other form.
 */
function scaleUsual({ start, close }: Value, bytes: Uint8Array, measure: Measure, decimal: Decimal): number {
	const { decimals, ending, most } = measure;
	let at = start;
	let number = 0;
	for (; at < close; at += 1) {
		const digit = bytes[at] ^ 48;
		if (digit > 9) break;
		number = number * 10 + digit;
	}
	if (at === start || at - start > 9) return -1;
	const isBelieved = number < most;
	if (decimals === 3) {
		number *= 1000;
		if (bytes[at] === 46) {
			let worth = 100;
			for (at += 1; worth > 0; at += 1) {
				const digit = bytes[at] ^ 48;
				if (digit > 9) break;
				number += digit * worth;
				worth = worth === 100 ? 10 : worth === 10 ? 1 : 0;
			}
			if (worth === 100) return -1;
		}
	}
	decimal.end = at;
	decimal.rounded = false;
	if (at === close) return isBelieved ? number : -1;
	for (let index = 0; index < ending.length; index += 1) {
		if (bytes[at + index] !== ending[index]) return -1;
	}
	return at + ending.length === close + 1 ? number : -1;
}

function scaleAny(value: Value, bytes: Uint8Array, measure: Measure, decimal: Decimal): number {
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
