import type { Faults } from "./faults.js";
import { parseText, readText } from "./hex-text.js";
import { createLine, findLineEnd, type Line, parseLine } from "./line.js";
import { listDevices, type MbusChannel, parseMbusLine } from "./mbus.js";
import { packCode, registers } from "./obis.js";
import type { Readings } from "./readings.js";
import { findRegisters, type RegisterGroup, readRegister, readRegisters } from "./register-line.js";
import { parseClosing } from "./text.js";
import { parseTime } from "./time.js";

const versionCode = packCode(1, 3, 0, 2, 8);
const timeCode = packCode(0, 0, 1, 0, 0);
const deviceNameCode = packCode(0, 0, 42, 0, 0);
/** 0-0:96.13.0; the long messages are .2 to .5, and .1 is never sent (E-Meter P1 Specification 1.1.3, table 3.1). */
const messageCode = packCode(0, 0, 96, 13, 0);

/**
 * Reads the telegram in `bytes` from `start` (`/`) to `end`. Every line stands alone: one that cannot be read costs itself and
 * one count of the fault `line`. Linear in the length; allocates the readings and their strings.
 */
export function parseTelegram(bytes: Uint8Array, start: number, end: number, faults: Faults): Readings {
	const identificationEnd = findLineEnd(bytes, start, end);
	const readings: Readings = {
		identification: readText(bytes, start + 1, identificationEnd),
		version: null,
		time: null,
		serial: null,
		values: new Array<number | null>(registers.length).fill(null),
		messages: [null, null, null, null, null],
		devices: [],
		objects: [],
	};
	const channels: (MbusChannel | null)[] = [null, null, null, null];
	const line = createLine(bytes);
	const { mark } = parseClosing(bytes, start, end);
	const close = mark < 0 ? end : mark;
	let at = skipLineEnd(bytes, identificationEnd, close);
	while (at < close) {
		const group = findRegisters(line.view, at, close);
		let next = group === null ? -1 : readRegister(readings.values, group, bytes, at, close);
		if (next < 0) {
			const good = parseLine(line, bytes, at, close) && readLine(readings, channels, line, bytes, group);
			if (!good) faults.line += 1;
			next = line.end;
		}
		at = skipLineEnd(bytes, next, close);
	}
	readings.devices = listDevices(channels);
	return readings;
}

/** Behind the line end, and behind empty lines. */
function skipLineEnd(bytes: Uint8Array, start: number, end: number): number {
	let at = start;
	while (at < end && (bytes[at] === 13 || bytes[at] === 10)) at += 1;
	return at;
}

/** Puts one line into the readings. False if its value is not what its object has. */
function readLine(
	readings: Readings,
	channels: (MbusChannel | null)[],
	line: Line,
	bytes: Uint8Array,
	group: RegisterGroup | null,
): boolean {
	const { code } = line;
	if (group !== null) return readRegisters(readings.values, group, line, bytes);
	const mbus = parseMbusLine(channels, line, bytes);
	if (mbus !== undefined) return mbus;
	const { start, close: end } = line.values[0];
	if (code === timeCode) {
		const time = parseTime(bytes, start, end);
		readings.time = time ?? readings.time;
		return time !== null || start === end;
	}
	if (code === versionCode) {
		readings.version = start === end ? null : readText(bytes, start, end);
		return true;
	}
	if (code === deviceNameCode) return readSerial(readings, bytes, start, end);
	const message = code - messageCode;
	if (code >= 0 && (message === 0 || (message >= 2 && message <= 5))) {
		return readMessage(readings.messages, message === 0 ? 0 : message - 1, bytes, start, end);
	}
	readings.objects.push({
		code: readText(bytes, line.codeStart, line.codeEnd),
		value: readText(bytes, line.codeEnd, line.end),
	});
	return true;
}

/** The logical device name: 16 characters in hexadecimal. Some meters print it three times in a row. */
function readSerial(readings: Readings, bytes: Uint8Array, start: number, end: number): boolean {
	const text = parseText(bytes, start, end);
	if (text === null) return false;
	const name = text.trim();
	const third = name.slice(0, 16);
	readings.serial = (name === third + third + third ? third : name) || null;
	return true;
}

function readMessage(
	messages: (string | null)[],
	index: number,
	bytes: Uint8Array,
	start: number,
	end: number,
): boolean {
	const text = parseText(bytes, start, end);
	if (text === null) return false;
	messages[index] = text || null;
	return true;
}
