/** How many days of a leap year go before each month, and how many it has. */
const calendar = Object.freeze({ daysBefore: [0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366] }, true);
/** From 1970 to 2000. */
const daysBefore2000 = 10957;

function pair(bytes: Uint8Array, at: number): number {
	const tens = bytes[at] - 48;
	const ones = bytes[at + 1] - 48;
	return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/**
 * The timestamp `YYMMDDhhmmssX` (DSMR 5.0.2, 6.4) as UTC milliseconds. X is `S` for summer time, two hours ahead of UTC, or
 * `W` for one hour, so that the repeated hour is not ambiguous. Null for anything else, for a date that does not exist, and
 * for the dates that stand for none: 2000-01-01 (a clock never set) and years from 70 on (`632525252525S` is all bits set).
 */
export function parseTime(bytes: Uint8Array, start: number, end: number): number | null {
	if (end - start !== 13) return null;
	const season = bytes[start + 12];
	if (season !== 83 && season !== 87) return null;
	const year = pair(bytes, start);
	const month = pair(bytes, start + 2);
	const day = pair(bytes, start + 4);
	const hour = pair(bytes, start + 6);
	const minute = pair(bytes, start + 8);
	const second = pair(bytes, start + 10);
	if (year < 0 || year >= 70 || month < 1 || month > 12 || day < 1) return null;
	const { daysBefore } = calendar;
	const isLeap = (year & 3) === 0;
	const before = daysBefore[month - 1];
	if (day > daysBefore[month] - before || (month === 2 && day === 29 && !isLeap)) return null;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null;
	if (year === 0 && month === 1 && day === 1) return null;
	const days = daysBefore2000 + 365 * year + ((year + 3) >> 2) + before - (month > 2 && !isLeap ? 1 : 0) + day - 1;
	return (days * 86400 + (hour - (season === 83 ? 2 : 1)) * 3600 + minute * 60 + second) * 1000;
}
