/** Messages into entries. Whatever comes is either one or a fault of the closed list: nothing is thrown, nothing is believed in part. */

import { registers, type Unit } from "../modules/p1/obis.js";
import type { Account, Diagnostics, Entry, Fault, Reading } from "./entry.js";

/** A state message has 1.5 KB, with the longest texts 8. */
const longestMessage = 65_536;
const longestName = 64;
/** As many meters as the M-Bus has channels. */
const mostDevices = 4;
/** UTC in seconds: before the first smarty, and when 32 bits are nearly full. What is outside comes from a clock that was never set. */
const firstTime = Date.UTC(2010, 0, 1) / 1000;
const lastTime = Date.UTC(2105, 0, 1) / 1000;

const units: ReadonlyMap<string, Unit> = new Map(registers.map(({ name, unit }) => [name, unit]));

type Json = Record<string, unknown>;

/** `now`: UTC in seconds, for what has no time of its own. `base` is the first level, or levels, of the topics. */
export function readMessage(base: string, topic: string, payload: Uint8Array, now: number): Entry | Fault | null {
	if (!topic.startsWith(`${base}/`)) return "topic";
	const [name = "", what = "", ...rest] = topic.slice(base.length + 1).split("/");
	if (rest.length > 0 || !isName(name)) return "topic";
	// A retained message is taken away by an empty one.
	if (payload.length === 0) return null;
	if (payload.length > longestMessage) return "length";
	const text = new TextDecoder().decode(payload);
	const fields = parseObject(text);
	if (fields === null) return "json";
	if (what === "state" || what === "history") return readReading(name, fields);
	if (what === "power") return readAccount(name, fields, text);
	return what === "diagnostics" ? readDiagnostics(name, fields, text, now) : "topic";
}

/** What can be a level of a topic (`topicLevel` in modules/messages/topics.ts). */
export function isName(text: string): boolean {
	return text.length > 0 && text.length <= longestName && /^[A-Za-z0-9_.-]+$/.test(text);
}

function parseObject(text: string): Json | null {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
	} catch {
		return null;
	}
}

/** ISO 8601 to the second as the firmware writes it, in seconds; null for anything else. */
export function readTime(value: unknown): number | null {
	if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return null;
	const time = Date.parse(value) / 1000;
	return time >= firstTime && time <= lastTime ? time : null;
}

/** Thousandths as an integer. NaN for what is no number of a meter's: finer, larger than 15 digits, or none at all. */
export function toThousandths(value: unknown): number {
	if (typeof value !== "number") return Number.NaN;
	const scaled = Math.round(value * 1000);
	// A decimal of three digits is the double nearest to it.
	return Number.isSafeInteger(scaled) && scaled / 1000 === value ? scaled + 0 : Number.NaN;
}

function readReading(meter: string, fields: Json): Reading | Fault {
	const { verdict, clock = "meter", identification, version, devices } = fields;
	if (verdict !== "authenticated" && verdict !== "crc-only" && verdict !== "plain") return "json";
	if (clock !== "meter" && clock !== "local" && clock !== "reader") return "json";
	const time = readTime(fields.time);
	if (time === null) return "time";
	const names: string[] = [];
	const numbers: number[] = [];
	for (const [name, value] of Object.entries(fields)) {
		const unit = units.get(name);
		if (unit === undefined) continue;
		const number = readNumber(value, unit);
		if (Number.isNaN(number)) return "number";
		names.push(name);
		numbers.push(number);
	}
	if (devices !== undefined && !addDevices(devices, names, numbers)) return "number";
	if (names.length === 0) return "register";
	const texts = { identification: shortText(identification), version: shortText(version) };
	return { kind: "reading", meter, time, verdict, clock, names, numbers, texts };
}

function readNumber(value: unknown, unit: Unit): number {
	if (unit === "time") return readTime(value) ?? Number.NaN;
	if (unit === "") return Number.isSafeInteger(value) ? Number(value) + 0 : Number.NaN;
	return toThousandths(value);
}

/** The meters on the M-Bus by type and identifier: channels change. False if they cannot be read. */
function addDevices(devices: unknown, names: string[], numbers: number[]): boolean {
	if (!Array.isArray(devices) || devices.length > mostDevices) return false;
	for (const device of devices as unknown[]) {
		if (typeof device !== "object" || device === null) return false;
		const { type, id, channel, value, unit, time, valve_state: valve } = device as Json;
		if (typeof type !== "string" || !/^[a-z_]{1,32}$/.test(type)) return false;
		const own = typeof id === "string" ? id.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, longestName) : String(channel);
		const root = `${type}/${own}`;
		const found: [string, number][] = [];
		if (value !== undefined) found.push([unit === undefined ? "value" : `value ${String(unit)}`, toThousandths(value)]);
		if (time !== undefined) found.push(["time", readTime(time) ?? Number.NaN]);
		if (valve !== undefined) found.push(["valve_state", readNumber(valve, "")]);
		if (unit !== undefined && !["m³", "GJ", "kWh"].includes(unit as string)) return false;
		for (const [name, number] of found) {
			if (Number.isNaN(number) || names.includes(`${root}/${name}`)) return false;
			names.push(`${root}/${name}`);
			numbers.push(number);
		}
	}
	return true;
}

function shortText(value: unknown): string | null {
	return typeof value === "string" ? value.slice(0, longestName) : null;
}

function readAccount(meter: string, fields: Json, text: string): Account | Fault {
	const time = readTime(fields.time);
	if (time === null || text.length > 2_048) return time === null ? "time" : "length";
	const limit = toThousandths(fields.class);
	const exceeded = toThousandths(fields.exceeded_month);
	const { missing_month: missing, cost_month: cost, peak_month: peak, peak_time: peakTime } = fields;
	if (!(limit > 0) || !(exceeded >= 0) || !Number.isSafeInteger(missing) || Number(missing) < 0) return "number";
	if (cost !== undefined && !Number.isFinite(cost)) return "number";
	const most = peak === undefined ? null : toThousandths(peak);
	if (Number.isNaN(most)) return "number";
	return {
		kind: "account",
		meter,
		time,
		text,
		limit,
		missing: Number(missing),
		exceeded,
		cost: cost === undefined ? null : Number(cost),
		peak: most,
		peakTime: readTime(peakTime),
	};
}

function readDiagnostics(reader: string, fields: Json, text: string, now: number): Diagnostics {
	const numbers: [string, number][] = [];
	const add = (name: string, value: unknown) => {
		if (typeof value === "number" && Number.isFinite(value)) numbers.push([name, value]);
	};
	const inner = (name: string): Json => {
		const value = fields[name];
		return typeof value === "object" && value !== null ? (value as Json) : {};
	};
	for (const name of ["uptime", "boots", "exceptions", "longest_run", "free_memory", "telegrams"]) {
		add(name, fields[name]);
	}
	add("signal_strength", inner("network").signal_strength);
	add("network_losses", inner("network").losses);
	add("broker_connects", inner("broker").connects);
	add("history_waiting", inner("history").waiting);
	add("history_lost", inner("history").lost);
	return { kind: "diagnostics", reader, time: now, text, numbers };
}
