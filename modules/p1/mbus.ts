/** The meters on a meter's M-Bus. */
import { type Decimal, findNumber, scaleDecimal } from "./decimal.js";
import type { Faults } from "./faults.js";
import { limitName, parseName } from "./hex-text.js";
import { findLineEnd, type Line } from "./line.js";
import { createMeasure, findExponent, type Measure, trimUnit } from "./measure.js";
import { packCode, type Unit } from "./obis.js";
import type { MbusDevice, Readings } from "./readings.js";
import { never, readTime } from "./time.js";
import { createValue, parseValue, scaleValue, type Value } from "./value.js";

/** What is known of one M-Bus channel while its telegram is walked: the type may come after the other lines. */
export interface MbusChannel {
	type: number;
	id: string | null;
	value: number | null;
	/** C, D and E of the object that `value` comes from. */
	source: number;
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

/** A number without unit. */
const countMeasure = Object.freeze(createMeasure(""), true);
/** The units of an index. The first takes a number without unit, which has that of the device's type. */
const indexMeasures = Object.freeze(
	[createMeasure("m³"), createMeasure("GJ", 0, true), createMeasure("kWh", 0, true)],
	true,
);
/** A capture time that lies further after the telegram's own is none. */
const mostAheadMs = 86_400_000;

/** C, D and E of the objects. */
const deviceType = packCode(0, 0, 24, 1, 0);
const identifier = packCode(0, 0, 96, 1, 0);
const belgianIdentifier = packCode(0, 0, 96, 1, 1);
const index = packCode(0, 0, 24, 2, 1);
const belgianIndex = packCode(0, 0, 24, 2, 3);
const oldIndex = packCode(0, 0, 24, 3, 0);
const valve = packCode(0, 0, 24, 4, 0);

function createChannel(): MbusChannel {
	return { type: -1, id: null, value: null, source: 0, unit: "", time: null, valve: null };
}

/** What the lines of a telegram's M-Bus devices are put into. */
export interface MbusWalk {
	readonly channels: (MbusChannel | null)[];
	readonly readings: Readings;
	readonly faults: Faults;
	/** What the next line continues, as DSMR 2.2 and 3.0 have it, or null. */
	open: OpenIndex | null;
}

interface OpenIndex {
	readonly channel: MbusChannel;
	readonly captured: Value;
	readonly unit: Value;
	/** Where its line ends. */
	readonly end: number;
}

/**
 * Takes a line `0-n:…` of channel n. Undefined: not an M-Bus object; false: one that could not be read.
 * Objects: 24.1.0 device type, 96.1.0 equipment identifier, 24.2.1 last index, 24.4.0 valve; Belgium uses 96.1.1 and 24.2.3, which is the
 * one that counts there; DSMR 2.2 and 3.0 have 24.3.0.
 */
export function parseMbusLine(walk: MbusWalk, line: Line, bytes: Uint8Array): boolean | undefined {
	const { channels } = walk;
	const number = line.code >> 24;
	if (number < 1 || number > channels.length) return undefined;
	const object = line.code & 0xffffff;
	const isIdentifier = object === identifier || object === belgianIdentifier;
	const isIndex = object === index || object === belgianIndex;
	if (!isIdentifier && !isIndex && object !== deviceType && object !== valve && object !== oldIndex) return undefined;
	channels[number - 1] ??= createChannel();
	const channel = channels[number - 1] as MbusChannel;
	if (isIdentifier) return readIdentifier(walk, channel, line, bytes);
	if (isIndex) return readIndex(walk, channel, line, bytes);
	if (object === oldIndex) return readOldIndex(walk, channel, line, bytes);
	const value = line.values[0];
	if (value.start === value.close) return true;
	const count = scaleValue(value, bytes, countMeasure, line.decimal);
	if (!(count >= 0)) return false;
	if (object === deviceType) channel.type = count;
	else channel.valve = count;
	return true;
}

function readIdentifier({ faults }: MbusWalk, channel: MbusChannel, line: Line, bytes: Uint8Array): boolean {
	const { start, close } = line.values[0];
	channel.id = parseName(bytes, start, limitName(start, close, faults)) || channel.id;
	return true;
}

/** `(capture time)(index*unit)`, the other way round, or the index alone. */
function readIndex(walk: MbusWalk, channel: MbusChannel, line: Line, bytes: Uint8Array): boolean {
	const { values, count, code } = line;
	const source = code & 0xffffff;
	if (channel.source === belgianIndex && source === index && channel.value !== null) return true;
	const first = values[0];
	const second = values[1];
	channel.source = source;
	if (count < 2) return first.start === first.close || takeIndex(walk, channel, line, bytes, first, null, null);
	if (second.start === second.close) return true;
	if (takeIndex(walk, channel, line, bytes, second, first, null)) return true;
	return first.start < first.close && takeIndex(walk, channel, line, bytes, first, second, null);
}

/**
 * The channel's index with its capture time, which is null where the line has none, and its unit, where that stands apart. An index that was
 * never read is 0, and means nothing; with any other number the time is wrong. False if it is no index.
 */
function takeIndex(
	{ readings, faults }: MbusWalk,
	channel: MbusChannel,
	{ decimal }: Line,
	bytes: Uint8Array,
	printed: Value,
	captured: Value | null,
	unit: Value | null,
): boolean {
	for (let at = 0; at < indexMeasures.length; at += 1) {
		const measure = indexMeasures[at];
		const value = scaleIndex(printed, unit, bytes, measure, decimal);
		if (Number.isNaN(value)) continue;
		const time = captured === null ? 0 : readTime(bytes, captured.start, captured.close);
		if (time < 0) {
			if (value === 0 && time === never) {
				readings.unread += 1;
				return true;
			}
			faults.captureTime += 1;
		}
		if (decimal.rounded) faults.rounded += 1;
		channel.time = captured === null || time < 0 ? null : time;
		channel.value = value;
		channel.unit = unit === null && decimal.end === printed.close ? "" : measure.unit;
		return true;
	}
	return false;
}

function scaleIndex(printed: Value, unit: Value | null, bytes: Uint8Array, measure: Measure, decimal: Decimal): number {
	if (unit === null) return scaleValue(printed, bytes, measure, decimal);
	const exponent = findExponent(measure, bytes, unit.start, trimUnit(bytes, unit.start, unit.close));
	const isNumber = findNumber(decimal, bytes, printed.start, printed.close);
	return isNumber ? scaleDecimal(decimal, bytes, 3 + exponent) : Number.NaN;
}

/**
 * DSMR 2.2 and 3.0: `0-n:24.3.0(capture time)(…)(…)(…)(0-n:24.2.1)(unit)`, and the index in brackets on the next line, or at the end of this
 * one.
 */
function readOldIndex(walk: MbusWalk, channel: MbusChannel, line: Line, bytes: Uint8Array): boolean {
	const captured = line.values[0];
	if (line.count < 6) return captured.start === captured.close;
	const unit = createValue();
	let at = line.codeEnd;
	for (let count = 0; count < 6; count += 1) at = parseValue(unit, bytes, at + 1, line.end) + 1;
	const open: OpenIndex = { channel, captured: { ...captured }, unit, end: line.end };
	if (line.count > 6) return takeOpenIndex(walk, open, line, bytes, at + 1);
	walk.open = open;
	return true;
}

/** Takes the line `(index)` that begins at `start`, if it is the next one after a line of its kind: the line's end, or -1. */
export function continueIndex(walk: MbusWalk, line: Line, bytes: Uint8Array, start: number, end: number): number {
	const { open } = walk;
	walk.open = null;
	if (open === null || bytes[start] !== 40) return -1;
	for (let at = open.end; at < start; at += 1) if (bytes[at] !== 13 && bytes[at] !== 10) return -1;
	const close = findLineEnd(bytes, start, end);
	return takeOpenIndex(walk, open, line, bytes, start + 1) ? close : -1;
}

function takeOpenIndex(walk: MbusWalk, open: OpenIndex, line: Line, bytes: Uint8Array, start: number): boolean {
	const { channel, captured, unit } = open;
	const printed = createValue();
	if (parseValue(printed, bytes, start, bytes.length) < 0) return false;
	return takeIndex(walk, channel, line, bytes, printed, captured, unit.start < unit.close ? unit : null);
}

/**
 * The devices of the channels that have one: an identifier, or an index that was read. A capture time that lies after the telegram's own is
 * none, because the clock of one of them is wrong, and which is the latest would be decided by that.
 */
export function listDevices({ channels, readings, faults }: MbusWalk): MbusDevice[] {
	const devices: MbusDevice[] = [];
	const latest = readings.time === null ? Number.MAX_VALUE : readings.time + mostAheadMs;
	for (let at = 0; at < channels.length; at += 1) {
		const channel = channels[at];
		if (channel === null || (channel.id === null && channel.value === null)) continue;
		if (channel.time !== null && channel.time > latest) {
			channel.time = null;
			faults.captureTime += 1;
		}
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
