/** The clock port. */
import Time from "time";
import type { Timer as SdkTimer } from "timer";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { Alarm, Clock } from "../ports/ports.js";

/** Years before this one mean that nobody has set the clock. */
const builtAfter = Date.UTC(2026, 0, 1);

/** UTC in milliseconds, or null while nobody has set the clock. */
export function readTime(): number | null {
	const time = Date.now();
	return time < builtAfter ? null : time;
}

/** How often alarms are looked at for which there was no memory for a timer of their own. */
const heartbeatMs = 1_000;

/** A timer of the SDK's, which it hands to its callback, with what that needs: an alarm takes no function. */
interface TimedAlarm extends SdkTimer {
	onAlarm: () => void;
	/** Null once it has rung. */
	guard: Guard | null;
}

interface Heartbeat extends SdkTimer {
	clock: BoardClock;
}

class UntimedAlarm {
	/** When it rings, as `now`. */
	readonly time: number;
	readonly onAlarm: () => void;

	constructor(time: number, onAlarm: () => void) {
		this.time = time;
		this.onAlarm = onAlarm;
	}
}

export class BoardClock implements Clock {
	private readonly guard: Guard;
	private ticks = Time.ticks;
	private elapsed = 0;
	private readonly untimed: UntimedAlarm[] = [];

	/** There is one in a program. */
	constructor(guard: Guard) {
		this.guard = guard;
		// The SDK's default is California's.
		Time.timezone = 0;
		Time.dst = 0;
		(Timer.repeat(beat, heartbeatMs) as Heartbeat).clock = this;
	}

	now(): number {
		const current = Time.ticks;
		this.elapsed += Time.delta(this.ticks, current);
		this.ticks = current;
		return this.elapsed;
	}

	time(): number | null {
		return readTime();
	}

	setTime(time: number): void {
		Time.set(Math.floor(time / 1000));
	}

	setAlarm(delay: number, onAlarm: () => void): Alarm {
		try {
			const alarm = Timer.set(ring, delay) as TimedAlarm;
			alarm.onAlarm = onAlarm;
			alarm.guard = this.guard;
			return alarm;
		} catch {
			const alarm = new UntimedAlarm(this.now() + delay, onAlarm);
			this.untimed.push(alarm);
			return alarm;
		}
	}

	cancelAlarm(alarm: Alarm): void {
		if (alarm instanceof UntimedAlarm) this.remove(alarm);
		else if ((alarm as TimedAlarm).guard !== null) Timer.clear(alarm as TimedAlarm);
	}

	ringUntimed(): void {
		for (const alarm of this.untimed.slice()) {
			if (alarm.time > this.now() || !this.remove(alarm)) continue;
			this.guard(alarm.onAlarm);
		}
	}

	/** False where it is not there. */
	private remove(alarm: UntimedAlarm): boolean {
		const at = this.untimed.indexOf(alarm);
		if (at >= 0) this.untimed.splice(at, 1);
		return at >= 0;
	}
}

function ring(timer: SdkTimer): void {
	const alarm = timer as TimedAlarm;
	const { guard } = alarm;
	alarm.guard = null;
	guard?.(alarm.onAlarm);
}

function beat(timer: SdkTimer): void {
	(timer as Heartbeat).clock.ringUntimed();
}
