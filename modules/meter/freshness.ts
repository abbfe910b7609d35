/**
 * A meter's time goes on. A reading that is older than the meter's newest one is a replayed recording, or the meter's clock was set
 * back. The second is believed when no newer reading has come for a minute.
 */
export interface Freshness {
	/** Of the newest reading, UTC in milliseconds; null before there is one. */
	time: number | null;
	/** When it came, monotonic milliseconds. */
	since: number;
	/** Readings that were refused. */
	refused: number;
}

const clockSetBackMs = 60_000;

/** `seconds` (UTC) is of the newest reading that is known from before the boot. */
export function createFreshness(seconds: number | null, now: number): Freshness {
	return { time: seconds === null ? null : seconds * 1_000, since: now, refused: 0 };
}

/** Whether a reading is to be believed, and then the newest. One without a time always is. */
export function admitReading(freshness: Freshness, time: number | null, now: number): boolean {
	if (time === null) return true;
	const older = freshness.time !== null && time < freshness.time;
	if (older && now - freshness.since < clockSetBackMs) {
		freshness.refused += 1;
		return false;
	}
	freshness.time = time;
	freshness.since = now;
	return true;
}
