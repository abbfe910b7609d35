import { formatTime } from "../messages/json.js";
import { type Account, quarterMs } from "./account.js";

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

/** The account in at most 250 characters, for the store. */
export function packAccount(account: Account): string {
	const { limit, serial, last, quarter, register, today, month, peak, peakTime } = account;
	const reading = last === null ? [null, null, null] : [last.time, last.register, last.power];
	const sums = [today.start, today.exceeded, today.missing, month.start, month.exceeded, month.missing];
	return JSON.stringify([1, limit, serial, ...reading, quarter, register, ...sums, peak, peakTime]);
}

/** What `packAccount` made, into `account`. False, with the account as it was, for anything else or another class. */
export function unpackAccount(account: Account, text: string): boolean {
	let fields: unknown;
	try {
		fields = JSON.parse(text);
	} catch {
		return false;
	}
	if (!Array.isArray(fields) || fields.length !== 16 || fields[0] !== 1 || fields[1] !== account.limit) return false;
	const serial: unknown = fields[2];
	if (serial !== null && typeof serial !== "string") return false;
	const numbers: (number | null)[] = [];
	for (let at = 3; at < fields.length; at += 1) {
		const value: unknown = fields[at];
		if (value !== null && !(typeof value === "number" && Number.isFinite(value))) return false;
		numbers.push(value);
	}
	const [time, lastRegister, power, quarter, register, dayStart, dayExceeded, dayMissing] = numbers;
	const [monthStart, monthExceeded, monthMissing, peak, peakTime] = numbers.slice(8);
	account.serial = serial;
	account.last = time === null || lastRegister === null ? null : { time, register: lastRegister, power: power ?? 0 };
	account.quarter = quarter ?? 0;
	account.register = register;
	account.today = { start: dayStart ?? 0, exceeded: dayExceeded ?? 0, missing: dayMissing ?? 0 };
	account.month = { start: monthStart ?? 0, exceeded: monthExceeded ?? 0, missing: monthMissing ?? 0 };
	account.peak = peak;
	account.peakTime = peakTime ?? 0;
	return true;
}
