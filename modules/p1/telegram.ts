/** A telegram's text into readings. */
import { type ClockParts, joinClock, parseTimeLine } from "./clock.js";
import type { Faults } from "./faults.js";
import { limitName, parseName, readPrinted } from "./hex-text.js";
import { createLine, findLineEnd, type Line, parseLine } from "./line.js";
import { continueIndex, listDevices, type MbusWalk, parseMbusLine } from "./mbus.js";
import { beginMessage, continueMessage, type MessageWalk, parseMessage } from "./message.js";
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

/** So many unknown objects are kept, and so many bytes of their lines; a line that has no room is counted as `excess`. */
const mostObjects = 24;
const mostObjectBytes = 2_048;

/** A message with more digits is read after all lines, from the last one to the first. */
const longDigits = 256;

/** What the lines of one telegram are put into. */
export interface Walk extends MbusWalk, ClockParts {
	/** In the order of their lines, one of each place; null where there are none. */
	long: MessageWalk[] | null;
	/** Bytes of the lines that are kept as printed. */
	objectBytes: number;
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
	while (readMessage(walk) !== null) {}
	return walk.readings;
}

/** The same in steps: nothing but the identification is read yet. */
export function beginTelegram(bytes: Uint8Array, start: number, end: number, faults: Faults): Walk {
	const at = findLineEnd(bytes, start, end);
	const nameStart = start + 1;
	const readings = createReadings(readPrinted(bytes, nameStart, limitName(nameStart, at, faults)));
	const line = createLine(bytes);
	const channels = [null, null, null, null];
	const { mark } = parseClosing(bytes, start, end);
	const close = mark < 0 ? end : mark;
	const rest = { open: null, dayTime: -1, date: -1, long: null };
	return { channels, readings, faults, ...rest, line, bytes, objectBytes: 0, at, close };
}

/** Reads the lines that begin before `until`; false when lines are left. The readings are whole when it is true, but for long messages. */
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

/**
 * Takes a step with the last of the long messages that are left, and tells which that is; null where there is none. What is behind it in
 * `bytes` may have been moved since the lines were read.
 */
export function readMessage({ long, readings, faults, bytes }: Walk): MessageWalk | null {
	if (long === null || long.length === 0) return null;
	const message = long[long.length - 1];
	if (continueMessage(message, bytes, faults)) {
		readings.messages[message.place] = message.text;
		long.pop();
	}
	return message;
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
	if (hasRoom(walk, line.end - line.codeStart)) {
		readings.objects.push({
			code: readPrinted(bytes, line.codeStart, line.codeEnd),
			value: readPrinted(bytes, line.codeEnd, line.end),
		});
	}
	return line.end;
}

/** Whether one more line of so many bytes is kept as printed. */
function hasRoom(walk: Walk, length: number): boolean {
	const { readings, faults, objectBytes } = walk;
	if (readings.objects.length === mostObjects || objectBytes + length > mostObjectBytes) {
		faults.excess += 1;
		return false;
	}
	walk.objectBytes = objectBytes + length;
	return true;
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
		readings.version = readPrinted(bytes, start, limitName(start, close, faults)) || readings.version;
		return true;
	}
	if (code === deviceNameCode) {
		readings.serial = readSerial(bytes, start, limitName(start, close, faults));
		return true;
	}
	const message = code - messageCode;
	if (message === 0 || (message >= 2 && message <= 5)) {
		noteMessage(walk, message === 0 ? 0 : message - 1, start, close);
		return true;
	}
	if (code === equipmentCode || code === otherEquipmentCode || code === belgianVersionCode) {
		return readIdentifier(walk, code, parseName(bytes, start, limitName(start, close, faults)));
	}
	return parseTimeLine(readings, walk, line, bytes) ?? readGroups(readings, tried, line, bytes, faults);
}

/** The last one of a place counts. */
function noteMessage(walk: Walk, place: number, start: number, end: number): void {
	const { readings, faults, bytes } = walk;
	const before = walk.long?.findIndex(other => other.place === place) ?? -1;
	if (before >= 0) walk.long!.splice(before, 1);
	const isLong = end - start > longDigits;
	readings.messages[place] = isLong ? null : parseMessage(bytes, start, end, faults) || null;
	if (!isLong) return;
	walk.long ??= [];
	walk.long.push(beginMessage(place, start, end));
}

/** The logical device name: 16 characters, in hexadecimal or as they are. Some meters print it three times in a row. */
function readSerial(bytes: Uint8Array, start: number, end: number): string | null {
	const name = parseName(bytes, start, end);
	const third = name.slice(0, 16);
	return (name === third + third + third ? third : name) || null;
}

/** Undefined where a better one is known: then this one is an object like others. */
function readIdentifier(walk: Walk, code: number, name: string): boolean | undefined {
	const { readings } = walk;
	if (name === "") return true;
	if (code === belgianVersionCode) {
		if (readings.version !== null) return undefined;
		readings.version = name;
		return true;
	}
	if (readings.equipment !== null) {
		if (code !== equipmentCode) return undefined;
		const { equipment } = readings;
		if (hasRoom(walk, equipment.length)) readings.objects.push({ code: "0-0:96.1.0", value: `(${equipment})` });
	}
	readings.equipment = name;
	return true;
}
