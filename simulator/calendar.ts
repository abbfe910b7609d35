/**
 * Luxembourg's clock as the meter shows it: `YYMMDDhhmmss` in local time and `S` for summer (UTC+2) or `W` for winter (UTC+1).
 * Summer time lasts from the last Sunday of March to the last Sunday of October, both at 01:00 UTC (directive 2000/84/EC).
 */
const hour = 3_600_000;

/** 01:00 UTC on the last Sunday of a month, `month` from 0. The month must have 31 days. */
function lastSunday(year: number, month: number): number {
	const last = new Date(Date.UTC(year, month, 31, 1));
	return last.getTime() - last.getUTCDay() * 24 * hour;
}

/** `time` is UTC in milliseconds, here and below. */
export function isSummerTime(time: number): boolean {
	const year = new Date(time).getUTCFullYear();
	return time >= lastSunday(year, 2) && time < lastSunday(year, 9);
}

/** UTC milliseconds to a Date whose UTC fields are the local ones. */
export function shiftToLocal(time: number): Date {
	return new Date(time + (isSummerTime(time) ? 2 : 1) * hour);
}

/** The meter's time stamp, `260706104157S`. The years 2000 to 2099 can be told. */
export function formatStamp(time: number): string {
	const local = shiftToLocal(time);
	const fields = [
		local.getUTCFullYear() % 100,
		local.getUTCMonth() + 1,
		local.getUTCDate(),
		local.getUTCHours(),
		local.getUTCMinutes(),
		local.getUTCSeconds(),
	];
	return fields.map(field => String(field).padStart(2, "0")).join("") + (isSummerTime(time) ? "S" : "W");
}
