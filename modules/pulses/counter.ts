/** One counter of pulses: how many came, and the energy that they are. */
import type { PulseSample } from "../ports/ports.js";
import { advancePower, createPulsePower, forgetPower, type PulsePower } from "./power.js";

export interface Counter {
	readonly name: string;
	/** Pulses per kWh. */
	readonly constant: number;
	/** Pulses since ever. */
	count: number;
	/** The energy at a number of pulses, from which on `constant` counts: mWh. */
	base: number;
	baseCount: number;
	/** What the meter showed when its owner set it last, mWh; null where he did not. */
	readonly start: number | null;
	readonly power: PulsePower;
	/** Pulses that were not counted, because they came too fast. */
	refused: number;
	/** Pulses that may come beside those that the time since the last look allows. */
	credit: number;
	/** The input's time at the last look. */
	looked: number;
}

/** More than a house has: 3 × 100 A are 69 kW. Lamps that a detector takes for a meter may well be faster. */
const mostWatts = 100_000;
const perHour = 3.6e9;

export function createCounter(name: string, constant: number, start: number | null): Counter {
	return {
		name,
		constant,
		count: 0,
		base: start ?? 0,
		baseCount: 0,
		start,
		power: createPulsePower(),
		refused: 0,
		credit: 1,
		looked: 0,
	};
}

/** The energy of one pulse in Wh. */
export function wattHoursOf({ constant }: Counter): number {
	return 1_000 / constant;
}

/** Takes in what came since the last look. False where pulses came too fast to be believed, and none of them counts. */
export function advanceCounter(counter: Counter, sample: PulseSample): boolean {
	const { count, now } = sample;
	const { looked, credit } = counter;
	const wattHours = wattHoursOf(counter);
	const allowed = credit + ((now - looked) * mostWatts) / perHour / wattHours;
	counter.looked = now;
	if (count > allowed) {
		counter.refused += count;
		counter.credit = Math.min(1, allowed);
		forgetPower(counter.power);
		return false;
	}
	counter.credit = Math.min(1, allowed - count);
	counter.count += count;
	advancePower(counter.power, sample, wattHours);
	return true;
}

/** The energy at so many pulses, whole Wh: it never says more than was counted. */
export function energyAt({ base, baseCount, constant }: Counter, count: number): number {
	return Math.floor((base + ((count - baseCount) * 1_000_000) / constant) / 1_000);
}
