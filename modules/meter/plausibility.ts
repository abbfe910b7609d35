/** Holds indices back that fall or leap. */
import { type Register, registers } from "../p1/obis.js";
import type { Telegram } from "../p1/reader.js";
import type { Source } from "./freshness.js";

/**
 * Meter indices never fall. Home Assistant takes a falling one for a new meter and books the whole index again, so that one bad
 * value spoils the statistics for good. A value that falls is held back until three telegrams in a row agree: then the meter is a
 * new one. The same holds for a value that leaps in a telegram that only a CRC verified.
 */
export interface Plausibility {
	/** One per energy register, then one per device. */
	readonly entries: Map<string, Total>;
	/** Values held back since the boot. */
	held: number;
}

interface Total {
	/** The last value that was believed, in thousandths of its unit, and when that was, monotonic milliseconds. */
	value: number;
	time: number;
	/** The value that was held back last, and how many in a row agree with it. */
	candidate: number;
	agreeing: number;
}

const believed = 3;
/** No house connection has more power, in W. */
const mostPower = 100_000;
/** Registers are read at different moments. */
const slack = 1_000;
const mostEntries = 48;

export function createPlausibility(): Plausibility {
	return { entries: new Map(), held: 0 };
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
		if (!isBelieved(plausibility, registers[at].name, value, now, mayLeap, isUnproven)) values[at] = null;
	}
	if (others.length > 0) {
		telegram.readings.others = others.filter(({ at, value }) => {
			const { name } = registers[at];
			return !isTotal(registers[at]) || isBelieved(plausibility, name, value, now, mayLeap, isUnproven);
		});
	}
	for (const device of devices) {
		if (device.value === null) continue;
		// The index of a meter on the bus may be hours old, so that a leap means nothing.
		const name = `${device.type} ${device.id ?? device.channel}`;
		if (!isBelieved(plausibility, name, device.value, now, true, isUnproven)) device.value = null;
	}
}

/** Whether a register only rises: energy, but for import less export. */
function isTotal({ name, unit }: Register): boolean {
	return (unit === "kWh" || unit === "kvarh" || unit === "kVAh") && !name.endsWith("_net");
}

function isBelieved(
	plausibility: Plausibility,
	name: string,
	value: number,
	now: number,
	mayLeap: boolean,
	isUnproven: boolean,
): boolean {
	const { entries } = plausibility;
	const total = entries.get(name);
	if (total === undefined) {
		if (entries.size < mostEntries && !isUnproven) entries.set(name, { value, time: now, candidate: 0, agreeing: 0 });
		return true;
	}
	const isNext = follows(value, total.value, now - total.time, mayLeap);
	if (isUnproven) {
		if (!isNext) plausibility.held += 1;
		return isNext;
	}
	if (!isNext) {
		const agrees = total.agreeing > 0 && follows(value, total.candidate, now - total.time, mayLeap);
		total.agreeing = agrees ? total.agreeing + 1 : 1;
		total.candidate = value;
		if (total.agreeing < believed) {
			plausibility.held += 1;
			return false;
		}
	}
	total.value = value;
	total.time = now;
	total.agreeing = 0;
	return true;
}

function follows(value: number, before: number, elapsed: number, mayLeap: boolean): boolean {
	return value >= before && (mayLeap || value <= before + slack + (mostPower * elapsed) / 3_600_000);
}
