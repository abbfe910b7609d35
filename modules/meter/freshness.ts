/**
 * The meter's time goes on. A reading that is older than the newest one is a recording that somebody plays, or a meter whose
 * clock was set back: the second is believed when no newer reading has come for a minute.
 */
export interface Order {
	/** What topics call the meter; null before there is one. */
	meter: string | null;
	/** Of the newest reading, UTC in milliseconds; null before there is one. */
	time: number | null;
	/** When it came, monotonic milliseconds. */
	since: number;
	/** Readings that were refused. */
	refused: number;
}

const patienceMs = 60_000;

/** `meter` and `seconds` (UTC) are of the newest reading that is known from before the boot. */
export function createOrder(meter: string | null, seconds: number | null, now: number): Order {
	return { meter, time: seconds === null ? null : seconds * 1_000, since: now, refused: 0 };
}

/** Whether a reading is to be believed, and then the newest. One without a time always is. */
export function admitReading(order: Order, meter: string, time: number | null, now: number): boolean {
	if (time === null) return true;
	const older = order.time !== null && meter === order.meter && time < order.time;
	if (older && now - order.since < patienceMs) {
		order.refused += 1;
		return false;
	}
	order.meter = meter;
	order.time = time;
	order.since = now;
	return true;
}
