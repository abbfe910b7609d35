/** A number and its unit, in thousandths of the unit that the table has. */
import { skipBlanks } from "./decimal.js";
import type { Unit } from "./register.js";

/** How a register's unit is spelled in a line, and what a number without unit may be. */
export interface Measure {
	readonly unit: Unit;
	/** Which of a line's values; those at the same position are one value in another unit. */
	readonly position: number;
	/** The unit is kept times ten to this: 3 for kWh. */
	readonly exponent: number;
	readonly names: readonly UnitName[];
	/** Ten to this is what `m` or `M` means where the case does not tell: mega for energy and power, milli for the others. */
	readonly middle: number;
	readonly decimals: 0 | 3;
	/** The largest number without unit that is believed to be in this one; -1 where the unit must be printed. */
	readonly most: number;
	/** What stands behind a number as a rule: `*`, the unit as the meter prints it, and the bracket. */
	readonly ending: readonly number[];
}

/** A unit's name without prefix, as `packName` packs it; the power of ten of what it means. */
interface UnitName {
	readonly name: number;
	readonly exponent: number;
	readonly hasPrefix: boolean;
}

/** What a unit is called, the power of ten that is kept, what `m` means, and the largest believable number without unit. */
type Spelling = readonly [names: readonly string[], exponent: number, middle: number, most: number];

const cubicMetres: readonly string[] = Object.freeze(["m3", "m\xb3", "m\xc2\xb3"]);

function spell(unit: Unit): Spelling {
	switch (unit) {
		case "kWh":
		case "kvarh":
		case "kVAh":
			return [[unit.slice(1)], 3, 6, 1_000_000];
		case "kW":
		case "kvar":
		case "kVA":
			return [[unit.slice(1)], 3, 6, 100];
		case "V":
		case "A":
			return [[unit], 0, -3, 1_000];
		case "Hz":
			return [[unit], 0, -3, 100];
		case "°":
			return [["deg", "\xb0", "\xc2\xb0"], 0, -3, 360];
		case "m³":
			return [cubicMetres, 0, -3, 1_000_000];
		case "GJ":
			return [["J"], 9, 6, 1_000_000];
		default:
			return [[], 0, -3, unit === "1" ? 1 : Number.MAX_SAFE_INTEGER];
	}
}

/** `isOther`: a measure before it has taken what is printed without unit. */
export function createMeasure(unit: Unit, position = 0, isOther = false): Measure {
	const [spelled, exponent, middle, most] = spell(unit);
	const names: UnitName[] = spelled.map(name => nameUnit(name, 0, unit !== "m³"));
	if (unit === "m³") {
		for (const name of cubicMetres) names.push(nameUnit(`d${name}`, -3, false), nameUnit(`c${name}`, -6, false));
		names.push(nameUnit("l", -3, true));
	}
	const ending = spelled.length === 0 ? ")" : `*${unit.replace("³", "3")})`;
	return {
		unit,
		position,
		exponent,
		names,
		middle,
		decimals: unit === "" ? 0 : 3,
		most: isOther ? -1 : most,
		ending: Array.from(bytesOf(ending)),
	};
}

function nameUnit(name: string, exponent: number, hasPrefix: boolean): UnitName {
	return { name: packName(bytesOf(name), 0, name.length), exponent, hasPrefix };
}

function bytesOf(text: string): Uint8Array {
	return Uint8Array.from(text, letter => letter.charCodeAt(0));
}

/**
 * The power of ten by which a number with the unit from `start` to `end` is larger than in the measure's own, NaN for the unit of
 * something else. Takes either case and the prefixes k, M, m and G.
 */
export function findExponent(measure: Measure, bytes: Uint8Array, start: number, end: number): number {
	const whole = packName(bytes, start, end);
	const rest = packName(bytes, start + 1, end);
	const { names } = measure;
	for (let at = 0; at < names.length; at += 1) {
		const { name, exponent, hasPrefix } = names[at];
		if (name === whole) return exponent - measure.exponent;
		if (hasPrefix && name === rest) return readPrefix(measure, bytes, start, end) + exponent - measure.exponent;
	}
	return Number.NaN;
}

function readPrefix({ middle }: Measure, bytes: Uint8Array, start: number, end: number): number {
	const prefix = bytes[start];
	const letter = prefix | 32;
	if (letter === 107) return 3;
	if (letter === 103) return 9;
	if (letter !== 109) return Number.NaN;
	// MWh and mWh differ, MWH and mwh do not.
	for (let at = start + 1; at < end; at += 1) {
		if (((bytes[at] ^ prefix) & 32) !== 0) return prefix === letter ? -3 : 6;
	}
	return middle;
}

/** Up to four characters in one number, whatever their case; -2 for more, -1 for none. */
function packName(bytes: Uint8Array, start: number, end: number): number {
	if (end - start > 4) return -2;
	if (end <= start) return -1;
	let name = 0;
	for (let at = start; at < end; at += 1) {
		const byte = bytes[at];
		// Only letters have a case: 0x90 is no degree sign, and 0x13 no 3. A zero would not count as a character.
		name = (name << 8) | (byte >= 64 && byte < 128 ? byte | 32 : byte || 1);
	}
	return name;
}

/** The end of a unit that begins at `start`, without the blanks before `end`. */
export function trimUnit(bytes: Uint8Array, start: number, end: number): number {
	let at = end;
	while (at > start && skipBlanks(bytes, at - 1, at) === at) at -= 1;
	return at;
}
