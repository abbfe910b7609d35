/** How often readings are published. */
import { registers, type Unit } from "../p1/obis.js";
import type { MbusDevice, OtherValue, Readings } from "../p1/readings.js";

/** How often readings are published, and by how much they must differ where only changes count. */
export interface Rate {
	readonly mode: "interval" | "change";
	/** Milliseconds between two messages; with `change` the longest silence. */
	readonly period: number;
	readonly deadBands: DeadBands;
	/** When the next message is due, and when the last telegram came, published or not: monotonic milliseconds. */
	due: number;
	seen: number;
	/** What was published last, and when; null before the first. */
	last: { values: (number | null)[]; others: readonly OtherValue[]; devices: string; time: number } | null;
}

/** A value that differs by no more is not new. In thousandths of the unit, as readings are. */
export interface DeadBands {
	/** Wh and varh. */
	energy: number;
	/** W, var, VA. */
	power: number;
	/** mV. */
	voltage: number;
	/** mA. */
	current: number;
	/** Litres and MJ of the meters on the M-Bus. */
	index: number;
}

/** A telegram may come this early or late and still be published in its turn. */
const jitterMs = 2_000;

/** Null where each telegram is published: nothing has to be known for that. */
export function createRate(mode: Rate["mode"] | "telegram", period: number, deadBands: DeadBands): Rate | null {
	return mode === "telegram" ? null : { mode, period, deadBands, due: -Infinity, seen: -Infinity, last: null };
}

/** The next telegram is published, and the interval begins with it. */
export function restartRate(rate: Rate | null): void {
	if (rate === null) return;
	rate.due = -Infinity;
	rate.last = null;
}

/**
 * Whether these readings are to be published; if so they count as published. `now`: monotonic milliseconds. With an interval,
 * messages follow a grid of so many seconds, each the telegram nearest to its time: one that sends each second is
 * not sooner for being allowed to come early.
 */
export function isDue(rate: Rate | null, readings: Readings, now: number): boolean {
	if (rate === null) return true;
	const { mode, last, deadBands } = rate;
	const devices = summarize(readings.devices, deadBands);
	const gap = now - rate.seen;
	rate.seen = now;
	if (last !== null && !hasCome(rate, now, gap, last.time)) {
		if (mode === "interval") return false;
		const isSame = devices === last.devices && !differs(last.values, readings.values, deadBands);
		if (isSame && !othersDiffer(last.others, readings.others, deadBands)) return false;
	}
	rate.due = findNext(rate, now, gap);
	rate.last = { values: readings.values.slice(), others: readings.others, devices, time: now };
	return true;
}

/** `gap`: since the telegram before. A telegram is early by half of it at most: before that, the next one is nearer. */
function hasCome({ due, period }: Rate, now: number, gap: number, last: number): boolean {
	return now >= due - Math.min(gap / 2, jitterMs) && now >= last + period / 2;
}

/** When the message after one of `now` is due. */
function findNext({ mode, period, due }: Rate, now: number, gap: number): number {
	// Telegrams that were missing are not made up for.
	const most = gap > period + jitterMs ? period / 2 : period;
	if (mode === "change" || now - due > most) return now + period;
	// The grid follows a meter whose clock is a little faster than ours; else its lead would cost a telegram some day.
	const lead = Math.max(0, due - now - jitterMs / 2);
	return due - Math.min(lead, period / 100) + period;
}

function differs(before: readonly (number | null)[], after: readonly (number | null)[], deadBands: DeadBands): boolean {
	for (let at = 0; at < after.length; at += 1) {
		const one = before[at];
		const other = after[at];
		if (one === null || other === null) {
			if (one !== other) return true;
		} else if (Math.abs(other - one) > bandOf(registers[at].unit, deadBands)) return true;
	}
	return false;
}

function othersDiffer(before: readonly OtherValue[], after: readonly OtherValue[], deadBands: DeadBands): boolean {
	if (before.length !== after.length) return true;
	return after.some(({ at, value }, index) => {
		const other = before[index];
		return at !== other.at || Math.abs(value - other.value) > bandOf(registers[at].unit, deadBands);
	});
}

function bandOf(unit: Unit, deadBands: DeadBands): number {
	switch (unit) {
		case "kWh":
		case "kvarh":
		case "kVAh":
			return deadBands.energy;
		case "kW":
		case "kvar":
		case "kVA":
			return deadBands.power;
		case "V":
			return deadBands.voltage;
		case "A":
			return deadBands.current;
		// They differ in each telegram, and say little.
		case "Hz":
		case "°":
		case "1":
			return Infinity;
		default:
			return 0;
	}
}

/** Which devices there are, and their indices in steps of the band. */
function summarize(devices: readonly MbusDevice[], deadBands: DeadBands): string {
	const step = deadBands.index + 1;
	return devices
		.map(({ type, id, value, valve }) => `${type} ${id} ${value === null ? "" : Math.floor(value / step)} ${valve}`)
		.join();
}
