/** Decimal numbers as meters print them, as exact integers. */

/** Where a number's parts lie. Made once, overwritten by each `findNumber`. */
export interface Decimal {
	negative: boolean;
	/** The first digit. */
	first: number;
	/** The decimal point, or the end where there is none. */
	point: number;
	end: number;
	/** Whether the last `scaleDecimal` has rounded. */
	rounded: boolean;
}

/** The largest of 15 digits: up to it each decimal is printed as it was read. */
const mostExact = 999_999_999_999_999;

export function createDecimal(): Decimal {
	return { negative: false, first: 0, point: 0, end: 0, rounded: false };
}

/** The place of the first byte from `start` on that is no blank, or `end`. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	while (at < end && (bytes[at] === 32 || bytes[at] === 9)) at += 1;
	return at;
}

/**
 * Finds the number that begins at `start`, after blanks: a sign, digits, a point or a comma and more digits. False if there is none.
 * What follows it is the caller's.
 */
export function findNumber(decimal: Decimal, bytes: Uint8Array, start: number, end: number): boolean {
	let at = skipBlanks(bytes, start, end);
	const sign = at < end ? bytes[at] : 0;
	decimal.negative = sign === 45;
	if (sign === 45 || sign === 43) at = skipBlanks(bytes, at + 1, end);
	decimal.first = at;
	at = skipDigits(bytes, at, end);
	if (at === decimal.first) return false;
	decimal.point = at;
	decimal.end = at;
	if (at === end || (bytes[at] !== 46 && bytes[at] !== 44)) return true;
	decimal.end = skipDigits(bytes, at + 1, end);
	return decimal.end > at + 1;
}

function skipDigits(bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	while (at < end && (bytes[at] ^ 48) <= 9) at += 1;
	return at;
}

/**
 * The number times 10^`decimals` as an integer: `00.005` with 3 decimals is 5. What is finer is rounded, half away from zero, and
 * `rounded` says so. NaN if it has more than 15 digits: a thousandth of such a number need not have a double of its own. `decimals` may
 * be negative.
 */
export function scaleDecimal(decimal: Decimal, bytes: Uint8Array, decimals: number): number {
	const { negative, first, point, end } = decimal;
	let left = point - first + decimals;
	let value = 0;
	let isUp = false;
	let rounded = false;
	for (let at = first; at < end; at += 1) {
		if (at === point) continue;
		const digit = bytes[at] ^ 48;
		if (left > 0) {
			value = value * 10 + digit;
		} else if (digit > 0) {
			if (left === 0) isUp = digit > 4;
			rounded = true;
		}
		left -= 1;
	}
	for (; left > 0 && value > 0; left -= 1) value *= 10;
	if (isUp) value += 1;
	decimal.rounded = rounded;
	if (value > mostExact) return Number.NaN;
	return negative ? 0 - value : value;
}
