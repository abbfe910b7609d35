/** Lines about time: the meter's clock, and the log of power failures. */
import { findNumber, scaleDecimal } from "./decimal.js";
import type { Line } from "./line.js";
import { packCode } from "./obis.js";
import type { PowerFailure, Readings } from "./readings.js";
import { parseTime, tellsOffset } from "./time.js";
import { createValue, parseValue } from "./value.js";

const timeCode = packCode(0, 0, 1, 0, 0);
/** Time of day and date apart, as IEC 62056-21 has them. */
const dayTimeCode = packCode(1, 0, 0, 9, 1);
const dateCode = packCode(1, 0, 0, 9, 2);
const failureLogCode = packCode(1, 0, 99, 97, 0);

const failureObject = "0-0:96.7.19";
/** Durations from here on stand for none. */
const noDuration = 0x7fffffff;
const mostFailures = 16;

/** Where a telegram has its time of day and its date, six digits each; -1 for neither. */
export interface ClockParts {
	dayTime: number;
	date: number;
}

/** Takes a line about time. Undefined: it is of something else; false: it could not be read. */
export function parseTimeLine(
	readings: Readings,
	parts: ClockParts,
	line: Line,
	bytes: Uint8Array,
): boolean | undefined {
	const { code } = line;
	const { start, close } = line.values[0];
	if (code === timeCode) {
		const time = parseTime(bytes, start, close);
		if (time === null) return start === close;
		readings.time = time;
		readings.clock = tellsOffset(bytes, start, close) ? "meter" : "local";
		return true;
	}
	if (code === failureLogCode) return readFailures(readings.failures, line, bytes);
	if (code !== dayTimeCode && code !== dateCode) return undefined;
	if (close - start !== 6) return false;
	if (code === dateCode) parts.date = start;
	else parts.dayTime = start;
	return true;
}

/** Makes the telegram's time of its time of day and its date, where it has no other. */
export function joinClock(readings: Readings, { dayTime, date }: ClockParts, bytes: Uint8Array): void {
	if (readings.time !== null || dayTime < 0 || date < 0) return;
	const digits = new Uint8Array(12);
	digits.set(bytes.subarray(date, date + 6));
	digits.set(bytes.subarray(dayTime, dayTime + 6), 6);
	readings.time = parseTime(digits, 0, 12);
	if (readings.time !== null) readings.clock = "local";
}

/**
 * `(count)(0-0:96.7.19)(end)(duration*s)…` (DSMR 5.0.2, 6.11). Undefined for the log of something else; entries whose duration is none are
 * left out.
 */
function readFailures(failures: PowerFailure[], line: Line, bytes: Uint8Array): boolean | undefined {
	const value = createValue();
	let at = line.codeEnd;
	let end: number | null = null;
	for (let index = 0; index < line.count; index += 1) {
		at = parseValue(value, bytes, at + 1, line.end) + 1;
		const { start, close } = value;
		if (index === 1 && start < close && !isText(bytes, start, close, failureObject)) return undefined;
		if (index < 2) continue;
		if (index % 2 === 0) {
			end = parseTime(bytes, start, close);
		} else if (start < close) {
			if (!findNumber(line.decimal, bytes, start, close)) return false;
			const duration = scaleDecimal(line.decimal, bytes, 0);
			if (duration < noDuration && failures.length < mostFailures) failures.push({ time: end, duration });
		}
	}
	return true;
}

function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
	if (end - start !== text.length) return false;
	for (let at = 0; at < text.length; at += 1) if (bytes[start + at] !== text.charCodeAt(at)) return false;
	return true;
}
