/** Splits a line of a telegram into its code and its values. */
import { createDecimal, type Decimal, skipBlanks } from "./decimal.js";
import { createValue, parseValue, type Value } from "./value.js";

/** One line of a telegram: an OBIS code, reduced or with the group F of 255, and values in brackets. Made once, overwritten by each `parseLine`. */
export interface Line {
	/** As `packCode` packs it; negative for what that cannot pack. */
	code: number;
	/** Where the code begins and ends. */
	codeStart: number;
	codeEnd: number;
	/** The first three; what the fourth holds means nothing. */
	readonly values: readonly Value[];
	/** For the number at hand. */
	readonly decimal: Decimal;
	/** Of the telegram's bytes. */
	readonly view: DataView;
	/** How many values the line has, all of them. */
	count: number;
	end: number;
}

/** What digits and separators of `0-0:` to `7-7:` have in common, and the bits in which only the digits differ. */
const head = 0x302d303a;
const headDigits = 0x07000700;

/** For a telegram in `bytes`. */
export function createLine(bytes: Uint8Array): Line {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const values = [createValue(), createValue(), createValue(), createValue()];
	return { code: -1, codeStart: 0, codeEnd: 0, values, decimal: createDecimal(), view, count: 0, end: 0 };
}

/**
 * Reads the line that begins at `start`. False if it has not the form of one. `line.end` is where it ends in either case: before its
 * line end, or at `end`. Looks at each byte once.
 */
export function parseLine(line: Line, bytes: Uint8Array, start: number, end: number): boolean {
	const at = parseCode(line, bytes, start, end);
	line.codeStart = start;
	line.codeEnd = at;
	if (at >= 0 && parseValues(line, bytes, at, end)) return true;
	line.end = findLineEnd(bytes, start, end);
	return false;
}

/** The place of the first CR or LF from `start` on, or `end`. */
export function findLineEnd(bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	while (at < end) {
		const byte = bytes[at];
		if (byte < 14 && (byte === 13 || byte === 10)) break;
		at += 1;
	}
	return at;
}

/** The end of the code, where a bracket opens, or -1. */
function parseCode(line: Line, bytes: Uint8Array, start: number, end: number): number {
	// Nearly every code begins with one digit for A, and one for B, which are read at once.
	const word = end - start < 4 ? 0 : line.view.getInt32(start);
	const isUsual = (word & ~headDigits) === head;
	let at = isUsual ? start + 4 : parseHead(line, bytes, start, end);
	if (at < 0) return -1;
	let packed = isUsual ? ((word >> 20) & 0x70) | ((word >> 8) & 7) : line.code;
	for (let left = 3; left > 0; left -= 1) {
		const first = at;
		let byte = 0;
		let value = 0;
		for (; at < end; at += 1) {
			byte = bytes[at];
			const digit = byte ^ 48;
			if (digit > 9) break;
			value = value * 10 + digit;
		}
		if (at === first || at - first > 3 || value > 255) return -1;
		packed = (packed << 8) | value;
		if (byte !== (left > 1 ? 46 : 40)) return left > 1 ? -1 : parseLast(line, bytes, at, end, packed);
		at += 1;
	}
	line.code = packed;
	return at - 1;
}

/**
 * The value group F from its separator on: where it ends, or -1. 255 is the value of now, which reduced codes leave out; with another
 * one the code is none that a table holds.
 */
function parseLast(line: Line, bytes: Uint8Array, start: number, end: number, packed: number): number {
	const separator = bytes[start];
	if (start === end || (separator !== 42 && separator !== 46 && separator !== 38)) return -1;
	const close = parseGroup(line, bytes, start + 1, end, 40);
	line.code = line.code === 255 ? packed : -1;
	return close < 0 ? -1 : close - 1;
}

/** A and B of any length, up to the colon: where that ends, or -1. Leaves them in `line.code`, negative if they do not fit. */
function parseHead(line: Line, bytes: Uint8Array, start: number, end: number): number {
	const middle = parseGroup(line, bytes, start, end, 45);
	const a = line.code;
	const close = middle < 0 ? -1 : parseGroup(line, bytes, middle, end, 58);
	line.code = a > 7 || line.code > 15 ? -1 : (a << 4) | line.code;
	return close;
}

/** A number of up to three digits and the separator behind it: where that ends, or -1. Leaves the number in `line.code`. */
function parseGroup(line: Line, bytes: Uint8Array, start: number, end: number, separator: number): number {
	let at = start;
	let value = 0;
	for (; at < end; at += 1) {
		const digit = bytes[at] ^ 48;
		if (digit > 9) break;
		value = value * 10 + digit;
	}
	line.code = value;
	const isGroup = at > start && at - start <= 3 && value <= 255;
	return isGroup && at < end && bytes[at] === separator ? at + 1 : -1;
}

/** One or more `(…)` up to the line's end. */
function parseValues(line: Line, bytes: Uint8Array, start: number, end: number): boolean {
	const { values } = line;
	let at = start;
	let count = 0;
	while (at < end) {
		const byte = bytes[at];
		if (byte !== 40) {
			if (byte === 13 || byte === 10) break;
			const next = skipBlanks(bytes, at, end);
			if (next === at || (next < end && bytes[next] !== 13 && bytes[next] !== 10)) return false;
			at = next;
			continue;
		}
		const close = parseValue(values[count < 3 ? count : 3], bytes, at + 1, end);
		if (close < 0) return false;
		at = close + 1;
		count += 1;
	}
	line.end = at;
	line.count = count;
	return count > 0;
}
