import type { Line } from "./line.js";
import { registers, type Unit } from "./obis.js";
import { createMeasure, type Measure, scaleValue } from "./value.js";

/** The registers of one code, which take the values of its line in order: the first is register `first`. */
export interface RegisterGroup {
	/** The first three words of a line, the third as far as `mask` says: the code and the bracket behind it. */
	readonly head: number;
	readonly middle: number;
	readonly tail: number;
	readonly mask: number;
	/** Where in the line the bracket opens. */
	readonly open: number;
	readonly first: number;
	readonly measures: readonly Measure[];
}

/**
 * The groups by `placeOf` their words. Frozen all the way down in XS only: V8 reads an array that is frozen itself ten times as slowly.
 */
const lookup = Object.freeze({ groups: createGroups() }, true);

function createGroups(): readonly (RegisterGroup | null)[] {
	const groups = new Array<RegisterGroup | null>(128).fill(null);
	const known = new Map<Unit, Measure>();
	for (let at = 0; at < registers.length; at += 1) {
		const { code, unit } = registers[at];
		const measures: Measure[] = [];
		for (let next = at; next < registers.length && registers[next].code === code; next += 1) {
			const measure = known.get(unit) ?? createMeasure(unit);
			known.set(unit, measure);
			measures.push(measure);
		}
		const group = createGroup(code, at, measures);
		const place = placeOf(group.head, group.middle, group.tail);
		if (groups[place] !== null) throw new RangeError(`${code} needs another placeOf`);
		groups[place] = group;
		at += measures.length - 1;
	}
	return groups;
}

function createGroup(code: string, first: number, measures: readonly Measure[]): RegisterGroup {
	// The third word holds some of the code, and the bracket.
	if (code.length < 9 || code.length > 11) throw new RangeError(`${code} is not 9 to 11 characters long`);
	const bytes = Array.from(`${code}(`, letter => letter.charCodeAt(0));
	const wordAt = (at: number) => (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
	return {
		head: wordAt(0),
		middle: wordAt(4),
		tail: wordAt(8),
		mask: -1 << (8 * (11 - code.length)),
		open: code.length,
		first,
		measures,
	};
}

/** From 0 to 127, and another one for each code's words. Found by trying. */
function placeOf(head: number, middle: number, tail: number): number {
	const word = middle ^ (head >> 8) ^ (tail >> 20);
	return (word ^ (word >> 11) ^ (word >> 22)) & 127;
}

/**
 * The registers of the line that begins at `start`, or null. A code is found as the standard prints it, without leading zeros. One
 * step, without reading the code's numbers.
 */
export function findRegisters(view: DataView, start: number, end: number): RegisterGroup | null {
	if (end - start < 12) return null;
	const head = view.getInt32(start);
	const middle = view.getInt32(start + 4);
	const tail = view.getInt32(start + 8);
	const group = lookup.groups[placeOf(head, middle, tail)];
	if (group === null || group.middle !== middle || (tail & group.mask) !== group.tail || group.head !== head)
		return null;
	return group;
}

/**
 * Reads the group's line that begins at `start` if it has the form that nearly all have: one number, without sign, of up to nine digits
 * before the point and three behind it; its unit as the meter prints it; CR. Returns the place of that. -1 for any other form, of which
 * nothing is taken: `parseLine` and `readRegisters` know all of them. Looks at each byte once.
 */
export function readRegister(
	values: (number | null)[],
	group: RegisterGroup,
	bytes: Uint8Array,
	start: number,
	end: number,
): number {
	const { decimals, ending } = group.measures[0];
	const first = start + group.open + 1;
	let at = first;
	let number = 0;
	for (const limit = end - at > 9 ? at + 9 : end; at < limit; at += 1) {
		const digit = bytes[at] ^ 48;
		if (digit > 9) break;
		number = number * 10 + digit;
	}
	if (at === first) return -1;
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
	for (let index = 0; index < ending.length; index += 1) {
		if (bytes[at + index] !== ending[index]) return -1;
	}
	at += ending.length;
	// All of it lies before the end.
	if (at >= end || bytes[at] !== 13) return -1;
	values[group.first] = number;
	return at;
}

/** Each register of the group takes its value of the line. An empty value is none. False if one could not be read. */
export function readRegisters(values: (number | null)[], group: RegisterGroup, line: Line, bytes: Uint8Array): boolean {
	const { first, measures } = group;
	const count = line.count < measures.length ? line.count : measures.length;
	let good = true;
	for (let index = 0; index < count; index += 1) {
		const value = line.values[index];
		if (value.start === value.close) continue;
		const number = scaleValue(value, bytes, measures[index]);
		if (Number.isNaN(number)) good = false;
		else values[first + index] = number;
	}
	return good;
}
