/**
 * The decimal number in `bytes` from `start` to `end`, times 10^`decimals`, as an exact integer: `00.005` with 3 decimals is
 * 5. NaN if it is not a number, if it is finer than `decimals`, or if it is larger than integers are exact.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, decimals: number): number {
	const negative = start < end && bytes[start] === 45;
	const first = negative ? start + 1 : start;
	let value = 0;
	let at = first;
	for (; at < end; at += 1) {
		const digit = bytes[at] ^ 48;
		if (digit > 9) break;
		value = value * 10 + digit;
	}
	if (at === first) return Number.NaN;
	let missing = decimals;
	if (at < end) {
		// A point, and digits up to the end.
		if (bytes[at] !== 46 || at + 1 === end) return Number.NaN;
		for (at += 1; at < end; at += 1) {
			const digit = bytes[at] ^ 48;
			if (digit > 9) return Number.NaN;
			if (missing > 0) {
				value = value * 10 + digit;
				missing -= 1;
			} else if (digit !== 0) {
				return Number.NaN;
			}
		}
	}
	for (; missing > 0; missing -= 1) value *= 10;
	if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
	return negative ? 0 - value : value;
}
