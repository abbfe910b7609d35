/** The clock port. */
import Time from "time";
import type { Timer as Alarm } from "timer";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { Clock } from "../ports/ports.js";

/** Years before this one mean that nobody has set the clock. */
const builtAfter = Date.UTC(2026, 0, 1);

/** UTC in milliseconds, or null while nobody has set the clock. */
export function readTime(): number | null {
	const time = Date.now();
	return time < builtAfter ? null : time;
}

export function createClock(guard: Guard): Clock {
	let ticks = Time.ticks;
	let elapsed = 0;
	// The SDK's default is California's.
	Time.timezone = 0;
	Time.dst = 0;
	return {
		now() {
			const current = Time.ticks;
			elapsed += Time.delta(ticks, current);
			ticks = current;
			return elapsed;
		},
		time: readTime,
		setTime(time) {
			Time.set(Math.floor(time / 1000));
		},
		setAlarm(delay, onAlarm) {
			const alarm = { timer: undefined as Alarm | undefined };
			alarm.timer = Timer.set(() => {
				alarm.timer = undefined;
				guard(onAlarm);
			}, delay);
			return alarm;
		},
		cancelAlarm(alarm) {
			const holder = alarm as { timer: Alarm | undefined };
			Timer.clear(holder.timer);
			holder.timer = undefined;
		},
	};
}
