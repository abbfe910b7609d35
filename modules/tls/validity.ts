/** Reads the dates of certificates: RFC 5280 section 4.1.2.5. */
import { close, type Der, enter, fail, generalizedTime, peekTag, sequence, utcTime } from "./der.js";

export interface Validity {
	/** UTC in milliseconds. */
	readonly notBefore: number;
	readonly notAfter: number;
}

export function readValidity(der: Der): Validity {
	const fields = enter(der, sequence);
	const notBefore = readTime(fields);
	const notAfter = readTime(fields);
	close(fields);
	return { notBefore, notAfter };
}

/** `YYMMDDHHMMSSZ`, from 1950 to 2049, or `YYYYMMDDHHMMSSZ`. */
function readTime(der: Der): number {
	const isLong = peekTag(der) === generalizedTime;
	const contents = enter(der, isLong ? generalizedTime : utcTime);
	const { bytes } = contents.source;
	const { at, end } = contents;
	const yearDigits = isLong ? 4 : 2;
	if (end - at !== yearDigits + 11 || bytes[end - 1] !== 0x5a) return refuse(der);
	let year = readNumber(bytes, at, yearDigits);
	if (!isLong && year >= 0) year += year < 50 ? 2000 : 1900;
	const field = (index: number) => readNumber(bytes, at + yearDigits + 2 * index, 2);
	const month = field(0);
	const day = field(1);
	const hour = field(2);
	const minute = field(3);
	const second = field(4);
	if (year < 1950 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return refuse(der);
	if (hour > 23 || minute > 59 || second > 59) return refuse(der);
	const time = Date.UTC(year, month - 1, day, hour, minute, second);
	// The month's or the day's surplus would have moved the date on.
	const date = new Date(time);
	return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? time : refuse(der);
}

function refuse(der: Der): number {
	fail(der);
	return 0;
}

/** `count` decimal digits as a number; -1 where one is none. */
function readNumber(bytes: Uint8Array, start: number, count: number): number {
	let value = 0;
	for (let at = start; at < start + count; at += 1) {
		const digit = bytes[at] - 48;
		if (!(digit >= 0 && digit <= 9)) return -1;
		value = value * 10 + digit;
	}
	return value;
}
