/** The clock port on a computer. */
import type { Alarm, Clock } from "../modules/ports/ports.js";

/**
 * The computer's own time. Setting the wall clock is ignored. `isRight`: it may be compared with the meter's; for a capture it may not,
 * which is from another time.
 */
export function createHostClock(isRight = true): Clock {
	const timers = new WeakMap<Alarm, NodeJS.Timeout>();
	const boot = performance.now();
	return {
		isRight,
		now: () => Math.floor(performance.now() - boot),
		time: () => Date.now(),
		setTime() {},
		setAlarm(delay, onAlarm) {
			const alarm: Alarm = {};
			timers.set(alarm, setTimeout(onAlarm, delay));
			return alarm;
		},
		cancelAlarm: alarm => clearTimeout(timers.get(alarm)),
	};
}
