/** Names a failure that comes again and again: the log counts a line that is repeated, and nobody reads a count. */

/** The same failure, one after the other. */
export interface RepeatedFailure {
	text: string | null;
	/** When it came first in this row, monotonic milliseconds. */
	since: number;
	count: number;
	/** Each of them came after the broker had accepted. */
	accepted: boolean;
	told: boolean;
}

/** The same for so long is named. */
const nameMs = 60_000;

export function createRepeatedFailure(): RepeatedFailure {
	return { text: null, since: 0, count: 0, accepted: true, told: false };
}

/** Notes a failure; returns a line for the log when it has been the same for a minute, once. `name`: of this client. */
export function noteFailure(
	repeated: RepeatedFailure,
	text: string,
	accepted: boolean,
	name: string,
	now: number,
): string | null {
	if (text !== repeated.text) {
		Object.assign(repeated, { text, since: now, count: 0, accepted: true, told: false });
	}
	repeated.count += 1;
	if (!accepted) repeated.accepted = false;
	const duration = now - repeated.since;
	if (repeated.told || duration < nameMs) return null;
	repeated.told = true;
	const row = `broker: the same ${repeated.count} times in ${Math.round(duration / 1000)} s`;
	if (!repeated.accepted) return `${row}: ${text}`;
	return `${row}, each time after it had accepted; is another client called ${name}?`;
}

/** The connection stands: what comes next begins a new row. */
export function endRow(repeated: RepeatedFailure): void {
	repeated.text = null;
}
