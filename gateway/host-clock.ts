/** The clock port on a computer. */
import type { Alarm, Clock } from "../modules/ports/ports.js";

/** The computer's own time. Its wall clock is right already: setting it is ignored. */
export function createHostClock(): Clock {
	const timers = new WeakMap<Alarm, NodeJS.Timeout>();
	const boot = performance.now();
	return {
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
