/** Energy between borders, by registers: quarter hours, days, months. */
import type { Bar } from "../page/history.js";

export type { Bar } from "../page/history.js";

/** The first reading of a quarter hour comes within this of its beginning, or the one before was missed. */
const slack = 60;

/** UTC in seconds and Wh; null where the meter has no such register. */
interface Register {
	readonly time: number;
	readonly imported: number | null;
	readonly exported: number | null;
}

/**
 * One bar for each pair of neighbours in `borders` (UTC in seconds). `points` are in order of time, no further apart than a quarter hour where
 * nothing is missing. What flowed unseen within a bar is in it, as the registers tell; what flowed across a border unseen is in none, and
 * makes both partial.
 */
export function sumBars(points: readonly Register[], borders: readonly number[]): Bar[] {
	const bars = borders
		.slice(1)
		.map((end, at) => ({ start: borders[at]!, end, imported: 0, exported: 0, partial: false }));
	const seen = new Float64Array(bars.length);
	let at = 0;
	for (let next = 1; next < points.length; next += 1) {
		const [before, after] = [points[next - 1]!, points[next]!];
		// A reading shortly before a border belongs to the bar that begins, one shortly after it ends the bar before.
		while (at < bars.length && bars[at]!.end <= before.time + slack / 2) at += 1;
		const bar = bars[at];
		if (bar === undefined) break;
		if (bar.start > before.time + slack || after.time > bar.end + slack) continue;
		bar.imported += Math.max(0, (after.imported ?? 0) - (before.imported ?? 0));
		bar.exported += Math.max(0, (after.exported ?? 0) - (before.exported ?? 0));
		seen[at]! += after.time - before.time;
	}
	bars.forEach((bar, place) => {
		if (seen[place]! < bar.end - bar.start - 2 * slack) bar.partial = true;
	});
	return bars;
}

/** Energy of quarter hours of a community. */
export interface Shared {
	/** Wh that one meter delivered while another one drew it, within the same quarter hour. */
	shared: number;
	/** Quarter hours of which not every meter is known. */
	missing: number;
}

/** `lists` holds one list of quarter hours for each meter, all of the same borders. `at` says to which sum a quarter hour belongs. */
export function shareQuarters(
	lists: readonly (readonly Bar[])[],
	count: number,
	at: (start: number) => number,
): Shared[] {
	const sums = Array.from({ length: count }, () => ({ shared: 0, missing: 0 }));
	const length = lists[0]?.length ?? 0;
	for (let place = 0; place < length; place += 1) {
		let imported = 0;
		let exported = 0;
		let isKnown = true;
		for (const list of lists) {
			const bar = list[place]!;
			imported += bar.imported;
			exported += bar.exported;
			if (bar.partial) isKnown = false;
		}
		const sum = sums[at(lists[0]![place]!.start)];
		if (sum === undefined) continue;
		sum.shared += Math.min(imported, exported);
		if (!isKnown) sum.missing += 1;
	}
	return sums;
}

/** How much of the quarter hours was above the class, and the highest: W and Wh. */
export function countAbove(
	quarters: readonly Bar[],
	limit: number,
): { exceeded: number; peak: number; peakTime: number } {
	let exceeded = 0;
	let peak = 0;
	let peakTime = 0;
	for (const { imported, start, partial } of quarters) {
		if (partial) continue;
		exceeded += Math.max(0, imported - limit / 4);
		if (imported * 4 <= peak) continue;
		peak = imported * 4;
		peakTime = start;
	}
	return { exceeded, peak, peakTime };
}
