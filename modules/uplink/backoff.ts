/** How long to wait before the next try: doubled from try to try up to a cap, the second half of it by chance, so that the
 * devices of a house do not all come at once when their broker returns. */
export interface Backoff {
	/** Milliseconds, the most that the first wait takes. */
	readonly first: number;
	/** Milliseconds, the most that any wait takes. */
	readonly cap: number;
	attempt: number;
}

export function createBackoff(first: number, cap: number): Backoff {
	return { first, cap, attempt: 0 };
}

/** Milliseconds to wait now. `chance` is 0 to below 1. */
export function nextDelay(backoff: Backoff, chance: number): number {
	const whole = Math.min(backoff.cap, backoff.first * 2 ** backoff.attempt);
	if (whole < backoff.cap) backoff.attempt++;
	return Math.round((whole / 2) * (1 + chance));
}

export function resetBackoff(backoff: Backoff): void {
	backoff.attempt = 0;
}
