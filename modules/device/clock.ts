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

/** How often alarms are looked at for which there was no memory for a timer of their own. */
const heartbeatMs = 1_000;

interface Pending {
	timer: Alarm | undefined;
	/** When it rings where it has no timer, as `now`. */
	time: number;
	readonly onAlarm: () => void;
}

export function createClock(guard: Guard): Clock {
	let ticks = Time.ticks;
	let elapsed = 0;
	const untimed: Pending[] = [];
	// The SDK's default is California's.
	Time.timezone = 0;
	Time.dst = 0;

	function now(): number {
		const current = Time.ticks;
		elapsed += Time.delta(ticks, current);
		ticks = current;
		return elapsed;
	}

	function ringUntimed(): void {
		for (const pending of untimed.slice()) {
			if (pending.time > now() || !remove(untimed, pending)) continue;
			guard(pending.onAlarm);
		}
	}

	Timer.repeat(ringUntimed, heartbeatMs);
	return {
		now,
		time: readTime,
		setTime(time) {
			Time.set(Math.floor(time / 1000));
		},
		setAlarm(delay, onAlarm) {
			const pending: Pending = { timer: undefined, time: now() + delay, onAlarm };
			try {
				pending.timer = Timer.set(() => {
					pending.timer = undefined;
					guard(onAlarm);
				}, delay);
			} catch {
				untimed.push(pending);
			}
			return pending;
		},
		cancelAlarm(alarm) {
			const pending = alarm as Pending;
			Timer.clear(pending.timer);
			pending.timer = undefined;
			remove(untimed, pending);
		},
	};
}

/** False where it is not there. */
function remove(list: Pending[], pending: Pending): boolean {
	const at = list.indexOf(pending);
	if (at >= 0) list.splice(at, 1);
	return at >= 0;
}
