/**
 * The decimal number in `bytes` from `start` to `end`, times 10^`decimals`, as an exact integer: `00.005` with 3 decimals is
 * 5. NaN if it is not a number, if it is finer than `decimals`, or if it has more than 15 digits.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, decimals: number): number {
	const negative = start < end && bytes[start] === 45;
	let at = negative ? start + 1 : start;
	const first = at;
	let value = 0;
	let pointAt = -1;
	for (; at < end; at += 1) {
		// A point is -2.
		const digit = bytes[at] - 48;
		if (digit >= 0 && digit <= 9) {
			if (pointAt >= 0 && at - pointAt > decimals) {
				if (digit !== 0) return Number.NaN;
			} else {
				value = value * 10 + digit;
			}
		} else if (digit === -2 && pointAt < 0 && at > first) {
			pointAt = at;
		} else {
			return Number.NaN;
		}
	}
	if (at === first || at - 1 === pointAt || value > 999_999_999_999_999) return Number.NaN;
	const given = pointAt < 0 ? 0 : Math.min(decimals, at - pointAt - 1);
	for (let count = given; count < decimals; count += 1) value *= 10;
	if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
	return negative ? 0 - value : value;
}
