/** Reads the line of a register in one go. */
import { splitWords } from "./characters.js";
import type { Faults } from "./faults.js";
import type { Line } from "./line.js";
import { createMeasure, type Measure } from "./measure.js";
import { packCode, registers, type Unit, usualCount } from "./obis.js";
import type { OtherValue, Readings } from "./readings.js";
import { looksLikeTime, parseTime } from "./time.js";
import { scaleValue } from "./value.js";

/** The registers of one code: the first is register `first`. */
export interface RegisterGroup {
	/** As `packCode` packs it. */
	readonly code: number;
	readonly first: number;
	readonly measures: readonly Measure[];
}

/** A group of Luxembourg's registers, which is found in one step. */
export interface UsualGroup extends RegisterGroup {
	/** The first three words of a line, the third as far as `mask` says: the code and the bracket behind it. */
	readonly head: number;
	readonly middle: number;
	readonly tail: number;
	readonly mask: number;
	/** Where in the line the bracket opens. */
	readonly open: number;
}

/**
 * The usual groups by `placeOf` their words, and all groups in the order of their codes. Frozen all the way down in XS only: V8 reads an
 * array that is frozen itself ten times as slowly.
 */
const lookup = Object.freeze({ usual: createUsual(), groups: createGroups(0, registers.length) }, true);

/** The groups of the registers from `start` to `end`, in the order of their codes. A code may have registers in several places. */
function createGroups(start: number, end: number): readonly RegisterGroup[] {
	const groups: RegisterGroup[] = [];
	const known = new Map<string, Measure>();
	for (let at = start; at < end; at += 1) {
		const { code } = registers[at];
		const measures: Measure[] = [];
		let next = at;
		for (; next < end && registers[next].code === code; next += 1) {
			const { unit, position } = registers[next];
			const isOther = registers.findIndex(other => other.code === code && other.position === position) < next;
			measures.push(findMeasure(known, unit, position, isOther));
		}
		const [a, b, c, d, e] = splitWords(code, "--::..").map(Number);
		groups.push({ code: packCode(a, b, c, d, e), first: at, measures });
		at = next - 1;
	}
	return groups.sort((one, other) => one.code - other.code || one.first - other.first);
}

function findMeasure(known: Map<string, Measure>, unit: Unit, position: number, isOther: boolean): Measure {
	const name = `${unit} ${position} ${isOther}`;
	const measure = known.get(name) ?? createMeasure(unit, position, isOther);
	known.set(name, measure);
	return measure;
}

function createUsual(): readonly (UsualGroup | null)[] {
	const usual = new Array<UsualGroup | null>(128).fill(null);
	for (const group of createGroups(0, usualCount)) {
		const words = createWords(group);
		const place = placeOf(words.head, words.middle, words.tail);
		if (usual[place] !== null) throw new RangeError(`${registers[group.first].code} needs another placeOf`);
		usual[place] = words;
	}
	return usual;
}

function createWords(group: RegisterGroup): UsualGroup {
	const { code } = registers[group.first];
	// The third word holds some of the code, and the bracket.
	if (code.length < 9 || code.length > 11) throw new RangeError(`${code} is not 9 to 11 characters long`);
	const bytes = Array.from(`${code}(`, letter => letter.charCodeAt(0));
	const wordAt = (at: number) => (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
	return {
		...group,
		head: wordAt(0),
		middle: wordAt(4),
		tail: wordAt(8),
		mask: -1 << (8 * (11 - code.length)),
		open: code.length,
	};
}

/** From 0 to 127, and another one for each code's words. Found by trying. */
function placeOf(head: number, middle: number, tail: number): number {
	const word = middle ^ (head >> 8) ^ (tail >> 20);
	return (word ^ (word >> 11) ^ (word >> 22)) & 127;
}

/**
 * Luxembourg's registers of the line that begins at `start`, or null. A code is found as the standard prints it, without leading zeros. One
 * step, without reading the code's numbers.
 */
export function findUsual(view: DataView, start: number, end: number): UsualGroup | null {
	if (end - start < 12) return null;
	const head = view.getInt32(start);
	const middle = view.getInt32(start + 4);
	const tail = view.getInt32(start + 8);
	const group = lookup.usual[placeOf(head, middle, tail)];
	if (group === null || group.middle !== middle || (tail & group.mask) !== group.tail || group.head !== head)
		return null;
	return group;
}

/**
 * Reads the group's line that begins at `start` if it has the form that nearly all have: one number, without sign, of up to nine digits
 * before the point and three behind it; its unit as the meter prints it; CR. Returns the place of that. -1 for any other form, of which
 * nothing is taken: `parseLine` and `readGroups` know all of them. Looks at each byte once.
 */
export function readRegister(
	values: (number | null)[],
	group: UsualGroup,
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
	const { first: place } = group;
	// A line that came before is to be counted.
	if (values[place] !== null) return -1;
	values[place] = number;
	return at;
}

/**
 * The registers of the line's code take its values. A code has one group of Luxembourg's registers, or one of the others', or both:
 * undefined where it has none, else whether nothing is left that no register could take. `tried` could not.
 */
export function readGroups(
	readings: Readings,
	tried: RegisterGroup | null,
	line: Line,
	bytes: Uint8Array,
	faults: Faults,
): boolean | undefined {
	const { groups } = lookup;
	let at = findFirst(line.code);
	if (at === groups.length || groups[at].code !== line.code) return undefined;
	for (; at < groups.length && groups[at].code === line.code; at += 1) {
		const group = groups[at];
		if (group.first !== tried?.first && readGroup(readings, group, line, bytes, faults)) return true;
	}
	return false;
}

/** The place of the first group whose code is not below `code`. */
function findFirst(code: number): number {
	const { groups } = lookup;
	let low = 0;
	let high = groups.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (groups[middle].code < code) low = middle + 1;
		else high = middle;
	}
	return low;
}

/**
 * Each value goes to the first register that can have it and has none yet, so that values may come in another order and with others
 * between them. False if a register is left without and a value too.
 */
export function readGroup(
	readings: Readings,
	group: RegisterGroup,
	line: Line,
	bytes: Uint8Array,
	faults: Faults,
): boolean {
	const { first, measures } = group;
	const { values, decimal } = line;
	const count = line.count < 3 ? line.count : 3;
	let taken = 0;
	let isLeft = false;
	for (let index = 0; index < count; index += 1) {
		const value = values[index];
		if (value.start === value.close) {
			taken |= 1 << index;
			continue;
		}
		const isTime = looksLikeTime(bytes, value.start, value.close);
		let place = 0;
		let number = Number.NaN;
		for (; place < measures.length; place += 1) {
			const measure = measures[place];
			if ((taken & (1 << measure.position)) !== 0) continue;
			decimal.rounded = false;
			if (measure.unit === "time") number = parseTime(bytes, value.start, value.close) ?? Number.NaN;
			else number = isTime ? Number.NaN : scaleValue(value, bytes, measure, decimal);
			if (!Number.isNaN(number)) break;
		}
		if (place === measures.length) {
			isLeft = true;
			continue;
		}
		taken |= 1 << measures[place].position;
		if (decimal.rounded) faults.rounded += 1;
		if (!putValue(readings, first + place, number)) faults.repeated += 1;
	}
	const all = (1 << (measures[measures.length - 1].position + 1)) - 1;
	return !isLeft || (taken & all) === all;
}

/** False if the register had a value of this telegram already. */
function putValue(readings: Readings, at: number, value: number): boolean {
	const { values, others } = readings;
	if (at < usualCount) {
		const isFirst = values[at] === null;
		values[at] = value;
		return isFirst;
	}
	const known = others.find(other => other.at === at);
	if (known !== undefined) known.value = value;
	else insertOther(others, { at, value });
	return known === undefined;
}

/** In the order of the register table, whatever the order of the lines. */
function insertOther(others: OtherValue[], other: OtherValue): void {
	let place = others.length;
	others.push(other);
	for (; place > 0 && others[place - 1].at > other.at; place -= 1) others[place] = others[place - 1];
	others[place] = other;
}
