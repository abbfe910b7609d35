import { parseDecimal } from "./decimal.js";
import type { Line } from "./line.js";
import type { Unit } from "./obis.js";

/**
 * Value number `index` of a line as an integer in thousandths of `unit`; with the unit "" as it is. Takes the unit in either
 * case, with or without the prefix kilo (`Wh`), and no unit at all. NaN for anything else.
 */
export function parseScaled(line: Line, bytes: Uint8Array, index: number, unit: Unit): number {
	const start = line.starts[index];
	const end = line.ends[index];
	const close = line.closes[index];
	if (unit === "") return end === close ? parseDecimal(bytes, start, end, 0) : Number.NaN;
	if (end === close || spells(bytes, end + 1, close, unit, 0)) return parseDecimal(bytes, start, end, 3);
	if (unit.charCodeAt(0) === 107 && spells(bytes, end + 1, close, unit, 1)) return parseDecimal(bytes, start, end, 0);
	return Number.NaN;
}

/** Whether the bytes are `unit` from its character `skip` on, in either case. */
function spells(bytes: Uint8Array, start: number, end: number, unit: Unit, skip: number): boolean {
	if (end - start !== unit.length - skip) return false;
	for (let at = skip; at < unit.length; at += 1) {
		const code = unit.charCodeAt(at);
		// The meter writes m3.
		const expected = code === 0xb3 ? 51 : code;
		if ((bytes[start + at - skip] | 32) !== (expected | 32)) return false;
	}
	return true;
}
