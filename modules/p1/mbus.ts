import { parseText } from "./hex-text.js";
import type { Line } from "./line.js";
import { packCode, type Unit } from "./obis.js";
import type { MbusDevice } from "./readings.js";
import { parseTime } from "./time.js";
import { createMeasure, scaleValue } from "./value.js";

/** What is known of one M-Bus channel while its telegram is walked: the type may come after the other lines. */
export interface MbusChannel {
	type: number;
	id: string | null;
	value: number | null;
	unit: Unit;
	time: number | null;
	valve: number | null;
}

/** Device types of EN 13757-3 in words. */
const typeNames: readonly (readonly [number, string])[] = Object.freeze(
	[
		[2, "electricity"],
		[3, "gas"],
		[4, "heat"],
		[6, "warm_water"],
		[7, "water"],
		[8, "heat_cost_allocator"],
		[10, "cooling"],
		[11, "cooling_inlet"],
		[12, "heat_inlet"],
		[13, "heat_cooling"],
		[21, "hot_water"],
		[22, "cold_water"],
	],
	true,
);

/** The units of an index. */
const indexUnits: readonly Unit[] = Object.freeze(["m³", "GJ", "kWh"]);
/** A number without unit. */
const countMeasure = Object.freeze(createMeasure(""), true);
const indexMeasures = Object.freeze(indexUnits.map(createMeasure), true);

/** C, D and E of the objects. */
const deviceType = packCode(0, 0, 24, 1, 0);
const identifier = packCode(0, 0, 96, 1, 0);
const belgianIdentifier = packCode(0, 0, 96, 1, 1);
const index = packCode(0, 0, 24, 2, 1);
const belgianIndex = packCode(0, 0, 24, 2, 3);
const valve = packCode(0, 0, 24, 4, 0);

function createChannel(): MbusChannel {
	return { type: -1, id: null, value: null, unit: "", time: null, valve: null };
}

/**
 * Takes a line `0-n:…` of channel n. Undefined: not an M-Bus object; false: one that could not be read.
 * Objects: 24.1.0 device type, 96.1.0 equipment identifier, 24.2.1 last index, 24.4.0 valve; Belgium uses 96.1.1 and 24.2.3.
 */
export function parseMbusLine(channels: (MbusChannel | null)[], line: Line, bytes: Uint8Array): boolean | undefined {
	const number = line.code >> 24;
	if (number < 1 || number > channels.length) return undefined;
	const object = line.code & 0xffffff;
	const isIdentifier = object === identifier || object === belgianIdentifier;
	const isIndex = object === index || object === belgianIndex;
	if (!isIdentifier && !isIndex && object !== deviceType && object !== valve) return undefined;
	channels[number - 1] ??= createChannel();
	const channel = channels[number - 1] as MbusChannel;
	if (isIdentifier) return readIdentifier(channel, line, bytes);
	if (isIndex) return readIndex(channel, line, bytes);
	const value = line.values[0];
	if (value.start === value.close) return true;
	const count = scaleValue(value, bytes, countMeasure);
	if (!(count >= 0)) return false;
	if (object === deviceType) channel.type = count;
	else channel.valve = count;
	return true;
}

function readIdentifier(channel: MbusChannel, line: Line, bytes: Uint8Array): boolean {
	const { start, close } = line.values[0];
	const text = parseText(bytes, start, close);
	if (text === null) return false;
	channel.id = text.trim() || null;
	return true;
}

/**
 * `(capture time)(index*unit)`. Without a valid time the index was never read, and its zero means nothing. Time and index count
 * together or not at all.
 */
function readIndex(channel: MbusChannel, line: Line, bytes: Uint8Array): boolean {
	const captured = line.values[0];
	const index = line.values[1];
	if (line.count < 2) return captured.start === captured.close;
	const time = parseTime(bytes, captured.start, captured.close);
	if (time === null) return true;
	for (let at = 0; at < indexUnits.length; at += 1) {
		const value = scaleValue(index, bytes, indexMeasures[at]);
		if (Number.isNaN(value)) continue;
		channel.time = time;
		channel.value = value;
		if (index.end < index.close) channel.unit = indexUnits[at];
		return true;
	}
	return index.start === index.close;
}

/** The devices of the channels that have one: an identifier, or an index that was read. */
export function listDevices(channels: readonly (MbusChannel | null)[]): MbusDevice[] {
	const devices: MbusDevice[] = [];
	for (let at = 0; at < channels.length; at += 1) {
		const channel = channels[at];
		if (channel === null || (channel.id === null && channel.value === null)) continue;
		const { type, id, value, time, valve } = channel;
		const unit = channel.unit === "" ? unitOf(type) : channel.unit;
		devices.push({ type: nameOf(type), id, channel: at + 1, value, unit, time, valve });
	}
	return devices;
}

function nameOf(type: number): string {
	for (let at = 0; at < typeNames.length; at += 1) {
		if (typeNames[at][0] === type) return typeNames[at][1];
	}
	return "other";
}

/** What an index is counted in where the meter does not say. */
function unitOf(type: number): Unit {
	if (type === 3 || type === 6 || type === 7 || type === 21 || type === 22) return "m³";
	if (type === 4 || type === 10 || type === 11 || type === 12 || type === 13) return "GJ";
	return type === 2 ? "kWh" : "";
}
