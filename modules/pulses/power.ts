/** Power out of the times of pulses. */
import type { PulseSample } from "../ports/ports.js";

/**
 * A mean from pulse to pulse: pulses counted in a window that begins and ends anywhere would be off by up to one of them, which is 30 % at
 * 50 W and 0.06 Wh a pulse. Between pulses the power is at most one pulse's energy in the time since the last one, so that it falls at once
 * when a load goes off.
 */
export interface PulsePower {
	/** Watts; null before it can be told. */
	watts: number | null;
	/** The pulse with which the mean begins, on the input's clock; null while there is none. */
	begin: number | null;
	/** The newest pulse, or the first look where none came since; null before that. */
	newest: number | null;
	/** Pulses since `begin`, that one left out. */
	count: number;
}

const second = 1_000_000;
/** A meter hands out its pulses with a jitter of its own, which the mean of so many hides. */
const enoughPulses = 10;
/** Nor does a pause within that jitter say that a load went off. */
const noPause = second;
const shortest = 2 * second;
const longest = 10 * second;
/** After so long without a pulse there is no power. */
const silent = 300 * second;
/** Watts that one watt-hour in a microsecond would be. */
const hourly = 3.6e9;

export function createPulsePower(): PulsePower {
	return { watts: null, begin: null, newest: null, count: 0 };
}

/** Takes in what came since the last look; `wattHours` is the energy of one pulse. */
export function advancePower(power: PulsePower, { count, first, newest, now }: PulseSample, wattHours: number): void {
	const before = power.begin === null ? null : power.newest;
	if (count > 0) {
		if (before !== null && first - before <= longest) {
			power.count += count;
		} else {
			// After a long pause the mean begins anew; the pause itself is one pulse long.
			if (before !== null) power.watts = (wattHours * hourly) / (first - before);
			power.begin = first;
			power.count = count - 1;
		}
		power.newest = newest;
	}
	power.newest ??= now;
	closeMean(power, power.newest, now, wattHours);
	const pause = now - power.newest;
	if (pause >= silent) {
		power.begin = null;
		power.watts = 0;
	} else if (power.watts !== null && pause >= noPause) {
		power.watts = Math.min(power.watts, (wattHours * hourly) / pause);
	}
}

/** After enough pulses, or where no more come for now. */
function closeMean(power: PulsePower, newest: number, now: number, wattHours: number): void {
	const { begin, count } = power;
	if (begin === null || count === 0) return;
	const length = newest - begin;
	if (length < shortest || (count < enoughPulses && now - begin < longest)) return;
	power.watts = (count * wattHours * hourly) / length;
	power.begin = newest;
	power.count = 0;
}

/** Nobody knows what came since the last pulse that counted. */
export function forgetPower(power: PulsePower): void {
	power.begin = null;
	power.newest = null;
	power.watts = null;
	power.count = 0;
}
