/**
 * One line of a telegram: a reduced OBIS code and values in brackets. Made once, overwritten by each `parseLine`. Everything
 * but the code is a place in the telegram's bytes.
 */
export interface Line {
	/** As `packCode` packs it. */
	code: number;
	codeStart: number;
	codeEnd: number;
	/** Where each value begins, behind its bracket; only the first `count` are of this line. */
	readonly starts: number[];
	/** Where each value ends: at the `*` before its unit, or at its bracket. */
	readonly ends: number[];
	/** Where each value's bracket closes: the unit lies between `ends` + 1 and this. */
	readonly closes: number[];
	/** How many values the line has, all of them, though only the first `mostValues` are kept. */
	count: number;
	end: number;
}

/** No object has more. */
const mostValues = 2;

/** What follows A, B, C, D and E, and how many bits each of them has in a packed code. */
const form = Object.freeze({ separators: [45, 58, 46, 46, 40], bits: [3, 4, 8, 8, 8] }, true);

export function createLine(): Line {
	return { code: -1, codeStart: 0, codeEnd: 0, starts: [0, 0], ends: [0, 0], closes: [0, 0], count: 0, end: 0 };
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
	const { separators, bits } = form;
	let packed = 0;
	let group = 0;
	let value = 0;
	let first = start;
	for (let at = start; at < end; at += 1) {
		const byte = bytes[at];
		const digit = byte - 48;
		if (digit >= 0 && digit <= 9) {
			value = value * 10 + digit;
			continue;
		}
		if (byte !== separators[group] || at === first || at - first > 3 || value > 255) return -1;
		packed = value >> bits[group] === 0 && packed >= 0 ? (packed << bits[group]) | value : -1;
		if (group === 4) {
			line.code = packed;
			return at;
		}
		group += 1;
		value = 0;
		first = at + 1;
	}
	return -1;
}

/** One or more `(…)` up to the line's end. */
function parseValues(line: Line, bytes: Uint8Array, start: number, end: number): boolean {
	let at = start;
	let count = 0;
	while (at < end) {
		const first = at + 1;
		let byte = bytes[at];
		if (byte !== 40) {
			if (byte === 13 || byte === 10) break;
			return false;
		}
		at = first;
		let star = -1;
		byte = 0;
		while (at < end) {
			byte = bytes[at];
			if (byte < 43) {
				if (byte === 41) break;
				if (byte === 40 || byte === 13 || byte === 10) return false;
				if (byte === 42 && star < 0) star = at;
			}
			at += 1;
		}
		if (byte !== 41) return false;
		if (count < mostValues) {
			line.starts[count] = first;
			line.ends[count] = star < 0 ? at : star;
			line.closes[count] = at;
		}
		count += 1;
		at += 1;
	}
	line.end = at;
	line.count = count;
	return count > 0;
}

/** The characters from `start` to `end`, which are ASCII. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
	let text = "";
	for (let at = start; at < end; at += 1) text += String.fromCharCode(bytes[at]);
	return text;
}
