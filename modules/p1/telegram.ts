/** A telegram's text into readings. */
import { type ClockParts, joinClock, parseTimeLine } from "./clock.js";
import type { Faults } from "./faults.js";
import { parseMessage, parseName, readPrinted } from "./hex-text.js";
import { createLine, findLineEnd, type Line, parseLine } from "./line.js";
import { continueIndex, listDevices, type MbusWalk, parseMbusLine } from "./mbus.js";
import { packCode } from "./obis.js";
import { createReadings, isUnderstood, type Readings } from "./readings.js";
import { findUsual, type RegisterGroup, readGroup, readGroups, readRegister } from "./register-line.js";
import { parseClosing } from "./text.js";

const versionCode = packCode(1, 3, 0, 2, 8);
/** Belgium's meters have their version here. */
const belgianVersionCode = packCode(0, 0, 96, 1, 4);
const deviceNameCode = packCode(0, 0, 42, 0, 0);
const equipmentCode = packCode(0, 0, 96, 1, 1);
const otherEquipmentCode = packCode(0, 0, 96, 1, 0);
/** 0-0:96.13.0; the long messages are .2 to .5, and .1 is never sent (E-Meter P1 Specification 1.1.3, table 3.1). */
const messageCode = packCode(0, 0, 96, 13, 0);

/** What the lines of one telegram are put into. */
export interface Walk extends MbusWalk, ClockParts {
	readonly line: Line;
	readonly bytes: Uint8Array;
	/** Where the next line begins, and where the last one ends. */
	at: number;
	readonly close: number;
}

/**
 * Reads the telegram in `bytes` from `start` (`/`) to `end`. Every line stands alone: one that cannot be read costs itself and
 * one count of the fault `line`; one that is known and has no value that its object can have is kept as printed, and counts as `value`.
 * Linear in the length; allocates the readings and their strings.
 */
export function parseTelegram(bytes: Uint8Array, start: number, end: number, faults: Faults): Readings {
	const walk = beginTelegram(bytes, start, end, faults);
	continueTelegram(walk, end);
	return walk.readings;
}

/** The same in steps: nothing but the identification is read yet. */
export function beginTelegram(bytes: Uint8Array, start: number, end: number, faults: Faults): Walk {
	const at = findLineEnd(bytes, start, end);
	const readings = createReadings(readPrinted(bytes, start + 1, at));
	const line = createLine(bytes);
	const channels = [null, null, null, null];
	const { mark } = parseClosing(bytes, start, end);
	const close = mark < 0 ? end : mark;
	return { channels, readings, faults, open: null, dayTime: -1, date: -1, line, bytes, at, close };
}

/** Reads the lines that begin before `until`; false when lines are left. The readings are whole when it is true. */
export function continueTelegram(walk: Walk, until: number): boolean {
	const { readings, line, bytes, close } = walk;
	const stop = Math.min(until, close);
	let { at } = walk;
	while (at < stop) {
		const byte = bytes[at];
		if (byte < 14 && (byte === 13 || byte === 10)) {
			at += 1;
			continue;
		}
		const group = findUsual(line.view, at, close);
		let next = group === null ? -1 : readRegister(readings.values, group, bytes, at, close);
		if (next < 0) next = walkLine(walk, group, at, close);
		at = next;
	}
	walk.at = at;
	if (at < close) return false;
	joinClock(readings, walk, bytes);
	readings.devices = listDevices(walk);
	readings.understood = isUnderstood(readings);
	return true;
}

/** Takes the line that begins at `start`, of the registers `group` if these are known already: where it ends. */
function walkLine(walk: Walk, group: RegisterGroup | null, start: number, end: number): number {
	const { readings, faults, line, bytes } = walk;
	if (walk.open !== null) {
		const next = continueIndex(walk, line, bytes, start, end);
		if (next >= 0) return next;
	}
	if (!parseLine(line, bytes, start, end)) {
		faults.line += 1;
		return line.end;
	}
	const isRead = (group !== null && readGroup(readings, group, line, bytes, faults)) || readLine(walk, group);
	if (isRead === true) return line.end;
	if (isRead === false) faults.value += 1;
	readings.objects.push({
		code: readPrinted(bytes, line.codeStart, line.codeEnd),
		value: readPrinted(bytes, line.codeEnd, line.end),
	});
	return line.end;
}

/** Puts one line into the readings, but not into the registers `tried`. Undefined where no table knows its object, false if its value is not what that has. */
function readLine(walk: Walk, tried: RegisterGroup | null): boolean | undefined {
	const { readings, faults, line, bytes } = walk;
	const { code } = line;
	if (code < 0) return undefined;
	const mbus = parseMbusLine(walk, line, bytes);
	if (mbus !== undefined) return mbus;
	const { start, close } = line.values[0];
	if (code === versionCode) {
		readings.version = readPrinted(bytes, start, close) || readings.version;
		return true;
	}
	if (code === deviceNameCode) {
		readings.serial = readSerial(bytes, start, close);
		return true;
	}
	const message = code - messageCode;
	if (message === 0 || (message >= 2 && message <= 5)) {
		readings.messages[message === 0 ? 0 : message - 1] = parseMessage(bytes, start, close) || null;
		return true;
	}
	if (code === equipmentCode || code === otherEquipmentCode || code === belgianVersionCode) {
		return readIdentifier(readings, code, parseName(bytes, start, close));
	}
	return parseTimeLine(readings, walk, line, bytes) ?? readGroups(readings, tried, line, bytes, faults);
}

/** The logical device name: 16 characters, in hexadecimal or as they are. Some meters print it three times in a row. */
function readSerial(bytes: Uint8Array, start: number, end: number): string | null {
	const name = parseName(bytes, start, end);
	const third = name.slice(0, 16);
	return (name === third + third + third ? third : name) || null;
}

/** Undefined where a better one is known: then this one is an object like others. */
function readIdentifier(readings: Readings, code: number, name: string): boolean | undefined {
	if (name === "") return true;
	if (code === belgianVersionCode) {
		if (readings.version !== null) return undefined;
		readings.version = name;
		return true;
	}
	if (readings.equipment !== null) {
		if (code !== equipmentCode) return undefined;
		readings.objects.push({ code: "0-0:96.1.0", value: `(${readings.equipment})` });
	}
	readings.equipment = name;
	return true;
}
