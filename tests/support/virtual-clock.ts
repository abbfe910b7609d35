/** A clock that moves only when a test says so. */

import type { Alarm, Clock } from "../../modules/ports/ports.js";

/** A clock that only moves when it is told to, with alarms in the order of their time and then of their setting. */
export interface VirtualClock extends Clock {
	/** Rings all that is due in the next `duration` milliseconds. */
	pass(duration: number): void;
	/** When the next alarm rings, or Infinity. */
	nextAlarm(): number;
	/** Where the wall clock stands, or null. */
	wall: number | null;
	/** True while an alarm rings: the only time at which a port may be asked for something. */
	readonly ringing: boolean;
}

interface Entry extends Alarm {
	time: number;
	ring: () => void;
}

export function createVirtualClock(): VirtualClock {
	let now = 0;
	let offset = 0;
	let ringing = false;
	const entries: Entry[] = [];
	function takeDue(until: number): Entry | null {
		let first = -1;
		for (let at = 0; at < entries.length; at++) {
			if (entries[at]!.time <= until && (first < 0 || entries[at]!.time < entries[first]!.time)) first = at;
		}
		return first < 0 ? null : entries.splice(first, 1)[0]!;
	}
	const clock: VirtualClock = {
		wall: null,
		get ringing() {
			return ringing;
		},
		now: () => now,
		time: () => (clock.wall === null ? null : clock.wall + now - offset),
		setTime(time) {
			clock.wall = time;
			offset = now;
		},
		setAlarm(delay, onAlarm) {
			if (!(delay >= 0)) throw new Error(`a delay of ${delay}`);
			const entry = { time: now + delay, ring: onAlarm };
			entries.push(entry);
			return entry;
		},
		cancelAlarm(alarm) {
			const at = entries.indexOf(alarm as Entry);
			if (at >= 0) entries.splice(at, 1);
		},
		nextAlarm: () => entries.reduce((least, entry) => Math.min(least, entry.time), Infinity),
		pass(duration) {
			const until = now + duration;
			for (let entry = takeDue(until); entry !== null; entry = takeDue(until)) {
				now = Math.max(now, entry.time);
				ringing = true;
				entry.ring();
				ringing = false;
			}
			now = until;
		},
	};
	return clock;
}
