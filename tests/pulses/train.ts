/** A train of pulses, and what an input would say of it. */
import type { PulseSample } from "../../modules/ports/ports.js";

/** Times of pulses in microseconds, `interval` apart. */
export function trainOf(start: number, interval: number, count: number): number[] {
	return Array.from({ length: count }, (_, at) => start + at * interval);
}

/** Looks each `every` microseconds from `start` to `end`. */
export function look(
	times: readonly number[],
	start: number,
	end: number,
	every: number,
	onSample: (sample: PulseSample) => void,
): void {
	let at = times.findIndex(time => time > start);
	if (at < 0) at = times.length;
	for (let now = start + every; now <= end; now += every) {
		const begin = at;
		while (at < times.length && times[at]! <= now) at += 1;
		onSample({ count: at - begin, first: times[begin] ?? 0, newest: times[at - 1] ?? 0, now });
	}
}
