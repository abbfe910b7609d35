/** The power class account: the energy above the class, quarter hour by quarter hour. */
import { formatTime, startOfDay, startOfMonth } from "../p1/calendar.js";

/**
 * What the network fee depends on since 2025: the energy above the chosen power class per quarter hour. All of it comes from
 * the meter's import register and the meter's clock, so that a lost telegram or a restart within a quarter hour costs nothing.
 * A quarter hour whose beginning or end was not seen counts as missing.
 */
export interface Account {
	/** The class in W. */
	readonly limit: number;
	/** The last reading that counted: UTC in milliseconds, the register in Wh, the power in W; null before the first. */
	last: Reading | null;
	/** When the current quarter hour began, UTC in milliseconds, and the register then, or null where it is not known. */
	quarter: number;
	register: number | null;
	today: Sum;
	month: Sum;
	/** The highest mean power of a quarter hour this month in W, and when that began; null before the first. */
	peak: number | null;
	peakTime: number;
	/** True when the account should be stored: a quarter hour began. */
	changed: boolean;
}

export interface Reading {
	time: number;
	register: number;
	power: number;
}

/** From a local midnight on: Wh above the class, and how many quarter hours are missing. */
export interface Sum {
	start: number;
	exceeded: number;
	missing: number;
}

export const quarterMs = 900_000;
/** Between two readings this close, the register at the border of a quarter hour is interpolated. */
const nearMs = 60_000;
/** If the clock was set back by less, readings are ignored until it has caught up; by more, the account begins anew. */
const clockSetBackMs = 3_600_000;

/** `limit`: the class in W. */
export function createAccount(limit: number): Account {
	const today = { start: 0, exceeded: 0, missing: 0 };
	const month = { start: 0, exceeded: 0, missing: 0 };
	return {
		limit,
		last: null,
		quarter: 0,
		register: null,
		today,
		month,
		peak: null,
		peakTime: 0,
		changed: false,
	};
}

/** Takes one reading of the meter. Constant cost, however long the time since the last one. */
export function addReading(account: Account, reading: Reading): void {
	const { last } = account;
	const { time, register } = reading;
	if (last !== null) {
		if (time < last.time - clockSetBackMs) {
			restart(account);
		} else if (time <= last.time) {
			return;
		} else if (register < last.register) {
			// The meter was reset: the readings before say nothing about the ones to come.
			account.register = null;
			account.last = null;
		}
	}
	const quarter = Math.floor(time / quarterMs) * quarterMs;
	if (quarter !== account.quarter) beginQuarter(account, quarter, reading);
	account.last = reading;
}

function restart(account: Account): void {
	Object.assign(account, createAccount(account.limit));
}

function beginQuarter(account: Account, quarter: number, reading: Reading): void {
	const border = registerAt(account.last, reading, quarter);
	let from = account.quarter;
	if (border !== null && account.register !== null) {
		bookQuarter(account, border - account.register);
		from += quarterMs;
	}
	openSum(account.today, startOfDay(quarter), from, quarter);
	if (openSum(account.month, startOfMonth(quarter), from, quarter)) {
		account.peak = null;
		account.peakTime = 0;
	}
	account.quarter = quarter;
	account.register = border;
	account.changed = true;
}

/** The register at the border, between two readings that are close enough; else null. */
function registerAt(before: Reading | null, after: Reading, border: number): number | null {
	if (after.time === border) return after.register;
	if (before === null || after.time - before.time > nearMs) return null;
	const share = (border - before.time) / (after.time - before.time);
	return Math.round(before.register + (after.register - before.register) * share);
}

/** Books the quarter hour that has ended, in which `energy` (Wh) was imported. */
function bookQuarter(account: Account, energy: number): void {
	const exceeded = Math.max(0, energy - account.limit / 4);
	account.today.exceeded += exceeded;
	account.month.exceeded += exceeded;
	if (account.peak !== null && energy * 4 <= account.peak) return;
	account.peak = energy * 4;
	account.peakTime = account.quarter;
}

/** Counts the quarter hours from `from` to `until` as missing; true when a new sum began at `start`. */
function openSum(sum: Sum, start: number, from: number, until: number): boolean {
	const isNew = sum.start !== start;
	if (isNew) {
		sum.start = start;
		sum.exceeded = 0;
		sum.missing = 0;
	}
	sum.missing += Math.max(0, until - Math.max(from, start)) / quarterMs;
	return isNew;
}

/** What is known at the time of the last reading. W and Wh; null where the quarter hour's beginning was not seen. */
export interface Report {
	/** Since the quarter hour began. */
	energy: number | null;
	/** Mean since the quarter hour began. */
	power: number | null;
	/** Mean of the whole quarter hour if the power stays as it is. */
	forecast: number | null;
}

export function reportQuarter(account: Account): Report {
	const { last, register, quarter } = account;
	if (last === null || register === null) return { energy: null, power: null, forecast: null };
	const energy = last.register - register;
	const elapsed = last.time - quarter;
	const power = elapsed > 0 ? Math.round((energy * 3_600_000) / elapsed) : last.power;
	const rest = (last.power * (quarterMs - elapsed)) / 3_600_000;
	return { energy, power, forecast: Math.round((energy + rest) * 4) };
}

/** The message of `docs/topics.md`; null before the first reading. `price` is per kWh above the class, or null. */
export function encodeAccount(account: Account, price: number | null): string | null {
	const { last, quarter, limit, today, month, peak } = account;
	if (last === null) return null;
	const { energy, power, forecast } = reportQuarter(account);
	let json = `{"time":"${formatTime(last.time)}","class":${limit / 1000},"quarter":"${formatTime(quarter)}"`;
	if (energy !== null) json += `,"quarter_energy":${energy / 1000}`;
	if (power !== null) json += `,"quarter_power":${power / 1000}`;
	if (forecast !== null) json += `,"quarter_forecast":${forecast / 1000}`;
	json += `,"exceeded_today":${today.exceeded / 1000},"missing_today":${today.missing}`;
	json += `,"exceeded_month":${month.exceeded / 1000},"missing_month":${month.missing}`;
	if (price !== null) json += `,"cost_month":${Math.round((month.exceeded * price) / 10) / 100}`;
	if (peak !== null) json += `,"peak_month":${peak / 1000},"peak_time":"${formatTime(account.peakTime)}"`;
	return `${json}}`;
}

/** The account of `meter`, its name in topics, in at most 250 characters, for the store. */
export function packAccount(account: Account, meter: string): string {
	const { limit, last, quarter, register, today, month, peak, peakTime } = account;
	const reading = last === null ? [null, null, null] : [last.time, last.register, last.power];
	const sums = [today.start, today.exceeded, today.missing, month.start, month.exceeded, month.missing];
	return JSON.stringify([1, limit, meter, ...reading, quarter, register, ...sums, peak, peakTime]);
}

/**
 * What `packAccount` made, into `account`. False, with the account as it was, for anything else: another class, or another meter,
 * whose slot this one has taken.
 */
export function unpackAccount(account: Account, text: string, meter: string): boolean {
	let fields: unknown;
	try {
		fields = JSON.parse(text);
	} catch {
		return false;
	}
	if (!Array.isArray(fields) || fields.length !== 16 || fields[0] !== 1 || fields[1] !== account.limit) return false;
	if (fields[2] !== meter) return false;
	const numbers: (number | null)[] = [];
	for (let at = 3; at < fields.length; at += 1) {
		const value: unknown = fields[at];
		if (value !== null && !(typeof value === "number" && Number.isFinite(value))) return false;
		numbers.push(value);
	}
	const [time, lastRegister, power, quarter, register, dayStart, dayExceeded, dayMissing] = numbers;
	const [monthStart, monthExceeded, monthMissing, peak, peakTime] = numbers.slice(8);
	account.last = time === null || lastRegister === null ? null : { time, register: lastRegister, power: power ?? 0 };
	account.quarter = quarter ?? 0;
	account.register = register;
	account.today = { start: dayStart ?? 0, exceeded: dayExceeded ?? 0, missing: dayMissing ?? 0 };
	account.month = { start: monthStart ?? 0, exceeded: monthExceeded ?? 0, missing: monthMissing ?? 0 };
	account.peak = peak;
	account.peakTime = peakTime ?? 0;
	return true;
}
