/**
 * The meter's time goes on. A reading that is older than the newest one is a recording that somebody plays, or a meter whose
 * clock was set back: the second is believed when no newer reading has come for a minute.
 */
export interface Freshness {
	/** What topics call the meter; null before there is one. */
	meter: string | null;
	/** Of the newest reading, UTC in milliseconds; null before there is one. */
	time: number | null;
	/** When it came, monotonic milliseconds. */
	since: number;
	/** Readings that were refused. */
	refused: number;
}

const clockSetBackMs = 60_000;

/** `meter` and `seconds` (UTC) are of the newest reading that is known from before the boot. */
export function createFreshness(meter: string | null, seconds: number | null, now: number): Freshness {
	return { meter, time: seconds === null ? null : seconds * 1_000, since: now, refused: 0 };
}

/** Whether a reading is to be believed, and then the newest. One without a time always is. */
export function admitReading(freshness: Freshness, meter: string, time: number | null, now: number): boolean {
	if (time === null) return true;
	const older = freshness.time !== null && meter === freshness.meter && time < freshness.time;
	if (older && now - freshness.since < clockSetBackMs) {
		freshness.refused += 1;
		return false;
	}
	freshness.meter = meter;
	freshness.time = time;
	freshness.since = now;
	return true;
}
