/** The meter's timestamps. */
import { localOffset } from "./calendar.js";
import { skipBlanks } from "./decimal.js";

/** How many days of a leap year go before each month, and how many it has. */
const calendar = Object.freeze({ daysBefore: [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366] }, true);
/** From 1970 to 2000. */
const daysBefore2000 = 10957;
/** No meter with a P1 port is older, and none is believed to be so far ahead. */
const firstYear = 8;
const lastYear = 59;

/** What stands for no time: nothing, or digits in the form of a time that are none, such as those of a clock that was never set. */
export const never = -1;
const notDigits = -2;
const hour = 3_600_000;
const summer = 83;
const winter = 87;
const universal = 90;

function pair(bytes: Uint8Array, at: number): number {
	const tens = bytes[at] - 48;
	const ones = bytes[at + 1] - 48;
	return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/**
 * The timestamp `YYMMDDhhmmssX` (DSMR 5.0.2, 6.4) as UTC milliseconds. X is `S` for summer time, two hours ahead of UTC, or
 * `W` for one hour, so that the repeated hour is not ambiguous. Takes the forms of `parsePlainTime`, too. Null for anything else, for a
 * date that does not exist, and for years before 2008 and after 2059, which stand for none (`632525252525S` is all bits set).
 */
export function parseTime(bytes: Uint8Array, start: number, end: number): number | null {
	const time = readTime(bytes, start, end);
	return time < 0 ? null : time;
}

/** The same, but -1 for what stands for no time: nothing, or digits in the form of a time that are none; and -2 for anything else. */
export function readTime(bytes: Uint8Array, start: number, end: number): number {
	const season = end - start === 13 ? bytes[start + 12] : 0;
	if (season !== summer && season !== winter) return parsePlainTime(bytes, start, end);
	const time = readDigits(bytes, start);
	if (time < 0) return time === notDigits ? parsePlainTime(bytes, start, end) : time;
	return time - (season === summer ? 2 : 1) * hour;
}

/** The clock's milliseconds since 1970 as if it were of UTC, from the twelve digits at `start`; `never` where that is no time, or `notDigits`. */
function readDigits(bytes: Uint8Array, start: number): number {
	const year = pair(bytes, start);
	const month = pair(bytes, start + 2);
	const day = pair(bytes, start + 4);
	const hours = pair(bytes, start + 6);
	const minute = pair(bytes, start + 8);
	const second = pair(bytes, start + 10);
	if ((year | month | day | hours | minute | second) < 0) return notDigits;
	if (year < firstYear || year > lastYear || month < 1 || month > 12 || day < 1) return never;
	const { daysBefore } = calendar;
	const isLeap = (year & 3) === 0;
	const before = daysBefore[month - 1];
	if (day > daysBefore[month] - before || (month === 2 && day === 29 && !isLeap)) return never;
	if (hours > 23 || minute > 59 || second > 59) return never;
	const days = daysBefore2000 + 365 * year + ((year + 3) >> 2) + before - (month > 2 && !isLeap ? 1 : 0) + day - 1;
	return (days * 86400 + hours * 3600 + minute * 60 + second) * 1000;
}

/** Whether a time's form tells how far it is from UTC: a season letter, or `Z`. */
export function tellsOffset(bytes: Uint8Array, start: number, end: number): boolean {
	const letter = end > start ? bytes[end - 1] & ~32 : 0;
	return letter === summer || letter === winter || letter === universal;
}

/** Whether this can only be meant as a time, be it one or not: twelve digits and a season letter. With a star missing, W would be watts. */
export function looksLikeTime(bytes: Uint8Array, start: number, end: number): boolean {
	const last = trimEnd(bytes, start, end);
	if (last - start !== 13 || !tellsOffset(bytes, start, last)) return false;
	for (let at = start; at < last - 1; at += 1) if (!isDigit(bytes[at])) return false;
	return true;
}

/**
 * Times in other forms: year, month, day, hour, minute and, it may be, second, with two or four digits for the year, with or without `-`, `/`,
 * `.`, `:`, `T` and blanks between them, and with `S`, `W` or `Z` in either case at the end. Where that is missing, the clock shows Central
 * Europe's time; null in the hour that autumn repeats, which could be either, and in the one that spring leaves out.
 */
function parsePlainTime(bytes: Uint8Array, start: number, end: number): number {
	let last = trimEnd(bytes, start, end);
	let letter = 0;
	if (tellsOffset(bytes, start, last)) {
		letter = bytes[last - 1] & ~32;
		last = trimEnd(bytes, start, last - 1);
	}
	if (start === end) return never;
	const digits = collectDigits(bytes, skipBlanks(bytes, start, last), last);
	const time = digits === null ? notDigits : readDigits(digits, 0);
	if (time < 0) return time;
	if (letter !== 0) return time - (letter === universal ? 0 : letter === summer ? 2 : 1) * hour;
	const isWinter = localOffset(time - hour) === hour;
	const isSummer = localOffset(time - 2 * hour) === 2 * hour;
	if (isWinter === isSummer) return never;
	return time - (isSummer ? 2 : 1) * hour;
}

/**
 * Forms that can mean one thing only: how many digits stand together, and what is between them: `d` for one of `-/.`, `b` for a blank
 * or `T`, `c` for a colon.
 */
const forms: readonly string[] = Object.freeze([
	"10",
	"12",
	"14",
	"6b4",
	"6b6",
	"6b2c2",
	"6b2c2c2",
	"8b4",
	"8b6",
	"8b2c2",
	"8b2c2c2",
	"4d2d2b2c2",
	"4d2d2b2c2c2",
]);

/** `YYMMDDhhmmss` out of a time in one of the forms, or null. */
function collectDigits(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
	const digits = new Uint8Array(14).fill(48);
	let count = 0;
	let together = 0;
	let form = "";
	for (let at = start; at < end; at += 1) {
		const byte = bytes[at];
		if (isDigit(byte)) {
			if (count === 14) return null;
			digits[count] = byte;
			count += 1;
			together += 1;
		} else {
			const between = nameSeparator(byte);
			if (between === "") return null;
			form += together + between;
			together = 0;
		}
	}
	form += together;
	if (!forms.includes(form)) return null;
	const hasCentury = form === "14" || form.startsWith("8") || form.startsWith("4");
	if (!hasCentury) return digits.subarray(0, 12);
	return digits[0] === 50 && digits[1] === 48 ? digits.subarray(2) : null;
}

/** The end without the blanks before it. */
function trimEnd(bytes: Uint8Array, start: number, end: number): number {
	let at = end;
	while (at > start && bytes[at - 1] === 32) at -= 1;
	return at;
}

function isDigit(byte: number): boolean {
	return (byte ^ 48) <= 9;
}

function nameSeparator(byte: number): string {
	if (byte === 32 || byte === 84) return "b";
	if (byte === 58) return "c";
	return byte === 45 || byte === 46 || byte === 47 ? "d" : "";
}
