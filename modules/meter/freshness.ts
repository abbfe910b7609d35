/** What time a reading may have. */
import { startOfMonth } from "../p1/calendar.js";

/**
 * A meter's time goes on. A reading that is older than the meter's newest one is a replayed recording, or the meter's clock was set
 * back. The second is believed when no newer reading has come for a minute.
 *
 * What no tag vouches for counts for less. It cannot keep out what a tag vouches for; and a leap into another month, which no damage
 * and no stranger is to make, needs three readings that agree.
 */
export interface Freshness {
	/** Of the newest reading, UTC in milliseconds; null before there is one. */
	time: number | null;
	/** When it came, monotonic milliseconds. */
	since: number;
	/** No tag vouches for it. */
	isUntagged: boolean;
	/** Readings that were refused. */
	refused: number;
	/** The last time that was a leap, and how many in a row agree with it. */
	leap: number;
	agreeing: number;
}

/**
 * Where a reading comes from: `tagged` has an authentication tag that matches; `untagged` has none, and its meter never had one;
 * `unproven` has none, although its meter's had one before.
 */
export type Source = "tagged" | "untagged" | "unproven";

const clockSetBackMs = 60_000;
const believed = 3;
/** Clocks differ by less; a leap is more, and ends in another month. */
const leapMs = 3_600_000;

/** `time` (UTC in milliseconds) is of the newest reading that is known from before the boot. */
export function createFreshness(time: number | null, now: number): Freshness {
	return { time, since: now, isUntagged: false, refused: 0, leap: 0, agreeing: 0 };
}

/** Whether a reading is to be believed, and then the newest, unless it is unproven. One without a time always is. */
export function admitReading(freshness: Freshness, time: number | null, now: number, source: Source): boolean {
	if (time === null) return true;
	if (!isBelieved(freshness, time, now, source)) {
		freshness.refused += 1;
		return false;
	}
	if (source === "unproven") return true;
	freshness.time = time;
	freshness.since = now;
	freshness.isUntagged = source === "untagged";
	freshness.agreeing = 0;
	return true;
}

function isBelieved(freshness: Freshness, time: number, now: number, source: Source): boolean {
	const newest = freshness.time;
	if (newest === null || (source === "tagged" && freshness.isUntagged)) return true;
	const elapsed = now - freshness.since;
	if (time < newest && (source === "unproven" || elapsed < clockSetBackMs)) return false;
	if (source === "tagged") return true;
	if (Math.abs(time - newest - elapsed) <= leapMs || startOfMonth(time) === startOfMonth(newest)) {
		freshness.agreeing = 0;
		return true;
	}
	const agrees = freshness.agreeing > 0 && Math.abs(time - freshness.leap) <= leapMs;
	freshness.leap = time;
	freshness.agreeing = agrees ? freshness.agreeing + 1 : 1;
	return freshness.agreeing >= believed;
}
