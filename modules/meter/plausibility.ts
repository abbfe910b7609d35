/** Holds indices back that fall or leap. */
import { isTotal, registers } from "../p1/obis.js";
import type { Telegram } from "../p1/reader.js";
import type { Source } from "./freshness.js";

/**
 * Meter indices never fall. Home Assistant takes a falling one for a new meter and books the whole index again, so that one bad
 * value spoils the statistics for good. A value that falls is held back until three telegrams in a row agree: then the meter is a
 * new one. The same holds for a value that leaps in a telegram that only a CRC verified.
 */
export interface Plausibility {
	/** One per energy register, its place in the table, and one per device, its name. */
	readonly names: (number | string)[];
	/** What is known of each, four numbers. A record would take four times the memory. */
	totals: Float64Array;
	/** Values held back since the boot. */
	held: number;
}

/** The last value that was believed, in thousandths of its unit, and when that was, monotonic milliseconds. */
const valueAt = 0;
const timeAt = 1;
/** The value that was held back last, and how many in a row agree with it. */
const candidateAt = 2;
const agreeingAt = 3;
const perEntry = 4;

const believed = 3;
/** No house connection has more power, in W. */
const mostPower = 100_000;
/** Registers are read at different moments. */
const slack = 1_000;
const mostEntries = 48;

export function createPlausibility(): Plausibility {
	return { names: [], totals: new Float64Array(0), held: 0 };
}

/** Nothing is believed any more. */
export function forgetTotals(plausibility: Plausibility): void {
	plausibility.names.length = 0;
	plausibility.totals = new Float64Array(0);
}

/**
 * Takes the indices that are not to be believed yet out of the readings of the meter's telegram. `now`: monotonic milliseconds. Unproven
 * ones are compared with those that a tag vouched for, and change nothing, however many agree.
 */
export function holdImplausible(plausibility: Plausibility, telegram: Telegram, now: number, source: Source): void {
	const { values, others, devices } = telegram.readings;
	const isUnproven = source === "unproven";
	const mayLeap = source === "tagged";
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at];
		if (value === null || !isTotal(registers[at])) continue;
		if (!isBelieved(plausibility, at, value, now, mayLeap, isUnproven)) values[at] = null;
	}
	if (others.length > 0) {
		telegram.readings.others = others.filter(({ at, value }) => {
			return !isTotal(registers[at]) || isBelieved(plausibility, at, value, now, mayLeap, isUnproven);
		});
	}
	for (const device of devices) {
		if (device.value === null) continue;
		// The index of a meter on the bus may be hours old, so that a leap means nothing.
		const name = `${device.type} ${device.id ?? device.channel}`;
		if (!isBelieved(plausibility, name, device.value, now, true, isUnproven)) device.value = null;
	}
}

function isBelieved(
	plausibility: Plausibility,
	name: number | string,
	value: number,
	now: number,
	mayLeap: boolean,
	isUnproven: boolean,
): boolean {
	const { names, totals } = plausibility;
	const at = perEntry * names.indexOf(name);
	if (at < 0) {
		if (names.length < mostEntries && !isUnproven) {
			names.push(name);
			plausibility.totals = new Float64Array(perEntry * names.length);
			plausibility.totals.set(totals);
			plausibility.totals.set([value, now], totals.length);
		}
		return true;
	}
	const elapsed = now - totals[at + timeAt];
	const isNext = follows(value, totals[at + valueAt], elapsed, mayLeap);
	if (isUnproven) {
		if (!isNext) plausibility.held += 1;
		return isNext;
	}
	if (!isNext) {
		const agreeing = totals[at + agreeingAt];
		const agrees = agreeing > 0 && follows(value, totals[at + candidateAt], elapsed, mayLeap);
		totals[at + agreeingAt] = agrees ? agreeing + 1 : 1;
		totals[at + candidateAt] = value;
		if (totals[at + agreeingAt] < believed) {
			plausibility.held += 1;
			return false;
		}
	}
	totals[at + valueAt] = value;
	totals[at + timeAt] = now;
	totals[at + agreeingAt] = 0;
	return true;
}

function follows(value: number, before: number, elapsed: number, mayLeap: boolean): boolean {
	return value >= before && (mayLeap || value <= before + slack + (mostPower * elapsed) / 3_600_000);
}
