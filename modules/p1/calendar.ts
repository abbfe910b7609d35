/** Luxembourg's clock: local time, its changes, and how times are printed. */
import { leaveOut } from "./characters.js";

const hour = 3_600_000;
const day = 24 * hour;

/** 01:00 UTC on the last Sunday of a month with 31 days, when the European Union changes its clocks (directive 2000/84/EC). */
function changeOver(year: number, month: number): number {
	const last = Date.UTC(year, month, 31, 1);
	return last - new Date(last).getUTCDay() * day;
}

/** By how much Luxembourg's clocks are ahead of UTC at `time` (UTC in milliseconds): one hour, or two in summer. */
export function localOffset(time: number): number {
	const year = new Date(time).getUTCFullYear();
	return time >= changeOver(year, 2) && time < changeOver(year, 9) ? 2 * hour : hour;
}

/** The local midnight before `time`, both UTC in milliseconds. */
export function startOfDay(time: number): number {
	const offset = localOffset(time);
	const midnight = Math.floor((time + offset) / day) * day;
	return midnight - localOffset(midnight - offset);
}

/** The midnight that began the local month of `time`, both UTC in milliseconds. */
export function startOfMonth(time: number): number {
	const local = new Date(time + localOffset(time));
	const first = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1);
	return first - localOffset(first - hour);
}

/** Luxembourg's time of day as ISO 8601 without a zone: `2018-01-30T10:21:22`. */
export function formatLocalTime(time: number): string {
	return new Date(time + localOffset(time)).toISOString().slice(0, 19);
}

/** Luxembourg's time as the meter prints it, with `S` for summer or `W`: `180130102122W`. */
export function formatMeterTime(time: number): string {
	const digits = leaveOut(formatLocalTime(time), "--::TT").slice(2);
	return digits + (localOffset(time) === hour ? "W" : "S");
}

/** UTC milliseconds as ISO 8601 to the second: `2018-01-30T09:21:22Z`. */
export function formatTime(time: number): string {
	return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
