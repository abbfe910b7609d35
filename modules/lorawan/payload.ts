/** Readings in as few bits as LoRa has room for: what each port of LoRaWAN carries (`docs/lorawan.md`). */
import type { MbusDevice, Readings } from "../p1/readings.js";

/** The payload's form, which is the port's number. */
export const basicPort = 1;
export const fullPort = 2;
export const quarterPort = 3;
export const textPort = 10;

/** Bytes; of the full form without M-Bus devices, each of which takes 34 bits more. */
export const basicLength = 11;
export const fullLength = 29;
/** The longest of any form: four devices. */
export const longestPayload = 46;
/** Of a quarter hour, and of each further one in the same payload. */
export const quarterLength = 10;
export const furtherLength = 4;

/** 2020-01-01 UTC, in seconds since 1970: where times begin here. */
export const firstSecond = 1_577_836_800;
export const quarterSeconds = 900;

/** What is sent of a telegram. */
export interface Reported {
	readonly verdict: "authenticated" | "crc-only" | "plain";
	readonly readings: Readings;
}

/** One meter's registers at the beginning of a quarter hour, in Wh; null for what it has not. */
export interface QuarterReading {
	/** Quarter hours since 1970. */
	readonly quarter: number;
	readonly imported: number | null;
	readonly exported: number | null;
}

/** Places in `registers` (`p1/obis.ts`), which is not imported: the table would be in flash twice. A test compares them. */
export const places = Object.freeze({
	import: 0,
	export: 1,
	powerImport: 4,
	powerExport: 5,
	breaker: 13,
	relay1: 14,
	relay2: 15,
	voltage: 23,
	current: 26,
	phaseImport: 29,
	phaseExport: 32,
});

const energyBits = 30;
const powerBits = 14;
const verdicts: readonly Reported["verdict"][] = Object.freeze(["authenticated", "crc-only", "plain"]);

/**
 * Types of M-Bus devices by their number, with the unit that it stands for. A device of another type, or in another unit, is number 0,
 * whose unit nobody is told.
 */
export const deviceTypes: readonly (readonly [type: string, unit: string])[] = Object.freeze(
	[
		["other", ""],
		["electricity", "kWh"],
		["gas", "m³"],
		["heat", "GJ"],
		["warm_water", "m³"],
		["water", "m³"],
		["heat_cost_allocator", ""],
		["cooling", "GJ"],
		["cooling_inlet", "GJ"],
		["heat_inlet", "GJ"],
		["heat_cooling", "GJ"],
		["hot_water", "m³"],
		["cold_water", "m³"],
		["heat", "kWh"],
		["cooling", "kWh"],
	],
	true,
);

/** Where the next bit goes, the highest of a byte first. */
interface Bits {
	readonly bytes: Uint8Array;
	at: number;
}

/** `value` as `count` bits, at most 30; all ones for null, and for what is beyond. */
function put(bits: Bits, value: number | null, count: number): void {
	const most = 2 ** count - 1;
	const told = value === null || value < 0 || value >= most ? most : value;
	for (let bit = count - 1; bit >= 0; bit -= 1) {
		const place = bits.at >> 3;
		const mask = 128 >> (bits.at & 7);
		if ((told >> bit) & 1) bits.bytes[place]! |= mask;
		else bits.bytes[place]! &= ~mask;
		bits.at += 1;
	}
}

/** Fills the last byte with zeros and returns the length. */
function end(bits: Bits): number {
	const length = (bits.at + 7) >> 3;
	const rest = length * 8 - bits.at;
	// `put` takes no value of all ones for one.
	if (rest > 0) bits.bytes[length - 1]! &= 256 - (1 << rest);
	return length;
}

/** In steps of `step`, the nearest one. */
function round(value: number | null, step: number): number | null {
	return value === null ? null : Math.floor((value + step / 2) / step);
}

function putBasic(bits: Bits, { values }: Readings): void {
	put(bits, values[places.import]!, energyBits);
	put(bits, values[places.export]!, energyBits);
	put(bits, round(values[places.powerImport]!, 10), powerBits);
	put(bits, round(values[places.powerExport]!, 10), powerBits);
}

/** Port 1: both energies in Wh and both powers in 10 W. 11 bytes. */
export function encodeBasic({ readings }: Reported, bytes: Uint8Array): number {
	const bits = { bytes, at: 0 };
	putBasic(bits, readings);
	return end(bits);
}

/**
 * Port 2: the time, what the telegram is worth, the switches, what port 1 has, voltage, current and net power of each phase, and the M-Bus
 * devices. 29 bytes, 33 with one device, 37, 41 or 46 with up to four.
 */
export function encodeFull({ verdict, readings }: Reported, bytes: Uint8Array): number {
	const bits = { bytes, at: 0 };
	const { values, devices, time } = readings;
	put(bits, time === null ? null : Math.floor(time / 1_000) - firstSecond, 30);
	put(bits, verdicts.indexOf(verdict), 2);
	put(bits, values[places.breaker]!, 2);
	put(bits, values[places.relay1]!, 2);
	put(bits, values[places.relay2]!, 2);
	putBasic(bits, readings);
	for (let phase = 0; phase < 3; phase += 1) {
		put(bits, round(values[places.voltage + phase]!, 1_000), 9);
		put(bits, round(values[places.current + phase]!, 1_000), 8);
		putNet(bits, values[places.phaseImport + phase]!, values[places.phaseExport + phase]!);
	}
	for (let at = 0; at < devices.length && at < 4; at += 1) putDevice(bits, devices[at]!);
	return end(bits);
}

/** 16 bits in two's complement, in 10 W; the lowest, which no power is, for null. */
function putNet(bits: Bits, bought: number | null, sold: number | null): void {
	const net = bought === null && sold === null ? null : round((bought ?? 0) - (sold ?? 0), 10);
	const told = net === null || net < -32_767 || net > 32_767 ? -32_768 : net;
	// In two parts: `put` would take -1 for null.
	put(bits, (told >> 15) & 1 ? null : 0, 1);
	for (let bit = 14; bit >= 0; bit -= 1) put(bits, (told >> bit) & 1 ? null : 0, 1);
}

function putDevice(bits: Bits, { type, unit, value }: MbusDevice): void {
	let number = 0;
	for (let at = 0; at < deviceTypes.length; at += 1) {
		const [name, own] = deviceTypes[at]!;
		if (name === type && own === unit) number = at;
	}
	put(bits, number, 4);
	put(bits, value, energyBits);
}

/** Port 3: a quarter hour and both energies at its beginning, as `addQuarter` may follow. 10 bytes. */
export function encodeQuarter({ quarter, imported, exported }: QuarterReading, bytes: Uint8Array): number {
	const bits = { bytes, at: 0 };
	put(bits, quarter - firstSecond / quarterSeconds, 20);
	put(bits, imported, energyBits);
	put(bits, exported, energyBits);
	return end(bits);
}

/**
 * Adds the quarter hour after `last` to a payload of port 3 of this length: what came to both energies, in Wh. 4 bytes; the length is the
 * same as before where it is not the next one, or a difference has no room: it needs a payload of its own.
 */
export function addQuarter(last: QuarterReading, next: QuarterReading, bytes: Uint8Array, length: number): number {
	if (next.quarter !== last.quarter + 1) return length;
	const bought = subtract(next.imported, last.imported);
	const sold = subtract(next.exported, last.exported);
	if (bought < 0 || sold < 0) return length;
	const bits = { bytes, at: length * 8 };
	put(bits, bought, 16);
	put(bits, sold, 16);
	return end(bits);
}

/** Below zero where there is no difference that can be told. */
function subtract(next: number | null, last: number | null): number {
	if (next === null || last === null) return -1;
	const more = next - last;
	return more < 65_535 ? more : -1;
}

/** Port 10: `import;export` in kWh with two decimals, as the SmartyReader sends them. 0 where the meter has not both. */
export function encodeText({ readings: { values } }: Reported, bytes: Uint8Array): number {
	const imported = values[places.import]!;
	const exported = values[places.export]!;
	if (imported === null || exported === null) return 0;
	const text = `${formatHundredths(imported)};${formatHundredths(exported)}`;
	for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
	return text.length;
}

function formatHundredths(wattHours: number): string {
	const hundredths = Math.floor((wattHours + 5) / 10);
	const rest = hundredths % 100;
	return `${(hundredths - rest) / 100}.${rest < 10 ? "0" : ""}${rest}`;
}
