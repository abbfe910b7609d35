/** A reading in 30 to 60 bytes, and back. */
import { meterName } from "../messages/topics.js";
import { registers, type Unit, usualCount } from "../p1/obis.js";
import type { Telegram, Verdict } from "../p1/reader.js";
import { createReadings, type MbusDevice } from "../p1/readings.js";

/**
 * A reading as the history keeps it: all numbers of a telegram, without its texts to the customer and its unknown objects,
 * as bytes of which most readings need 30 to 60.
 */
export interface Sample {
	verdict: Verdict;
	/** UTC in seconds; null where the meter told none. */
	time: number | null;
	frameCounter: number | null;
	/** One per usual register and per other one of the shape, then three per device: index, when it was captured (UTC in seconds), valve. */
	numbers: (number | null)[];
}

/** What stays the same from reading to reading. */
export interface Shape {
	/** The meter's name in topics. */
	meter: string;
	identification: string;
	serial: string | null;
	version: string | null;
	equipment: string | null;
	/** Places in `registers` of those that are not usual. */
	others: number[];
	devices: ShapeDevice[];
}

export interface ShapeDevice {
	type: string;
	id: string | null;
	channel: number;
	unit: Unit;
}

/** In what steps meters print numbers, most of them; where 1 is not it, others are kept too, in one bit more. */
const steps: readonly number[] = Object.freeze(
	registers.slice(0, usualCount).map(({ unit }) => (unit === "V" ? 100 : unit === "A" ? 1_000 : 1)),
);

/** Another one when samples are written in another way. */
const format = 3;

/** So many registers that are not usual are kept, the first ones. */
const mostOthers = 8;
/** Bytes that no sample exceeds: all usual registers, so many others, four devices, every number in its longest form. */
export const longestSample = 512;
const numbersPerDevice = 3;
const verdicts: readonly Verdict[] = Object.freeze(["authenticated", "crc-only", "plain"]);
const verdictMask = 3;
const timeFlag = 4;
const counterFlag = 8;

export function describeShape(telegram: Telegram, meter = meterName(telegram)): Shape {
	const { identification, serial, version, equipment, devices, others } = telegram.readings;
	const known = devices.map(({ type, id, channel, unit }) => ({ type, id, channel, unit }));
	const places = others.slice(0, mostOthers).map(({ at }) => at);
	return { meter, identification, serial, version, equipment, others: places, devices: known };
}

export function isSameShape(one: Shape, other: Shape): boolean {
	if (one.meter !== other.meter || one.identification !== other.identification) return false;
	if (one.serial !== other.serial || one.version !== other.version) return false;
	if (one.equipment !== other.equipment || one.others.join() !== other.others.join()) return false;
	if (one.devices.length !== other.devices.length) return false;
	return one.devices.every((device, at) => {
		const twin = other.devices[at]!;
		const same = device.type === twin.type && device.id === twin.id && device.unit === twin.unit;
		return same && device.channel === twin.channel;
	});
}

export function takeSample(telegram: Telegram): Sample {
	const { values, others, devices, time } = telegram.readings;
	const numbers = values.slice();
	for (let at = 0; at < others.length && at < mostOthers; at += 1) numbers.push(others[at].value);
	for (const { value, time: captured, valve } of devices) numbers.push(value, toSeconds(captured), valve);
	return { verdict: telegram.verdict, time: toSeconds(time), frameCounter: telegram.frameCounter, numbers };
}

function toSeconds(time: number | null): number | null {
	return time === null ? null : Math.floor(time / 1_000);
}

/** The telegram again, as far as it was kept. */
export function restoreTelegram(shape: Shape, sample: Sample): Telegram {
	const { verdict, frameCounter, numbers } = sample;
	const readings = createReadings(shape.identification);
	readings.version = shape.version;
	readings.serial = shape.serial;
	readings.equipment = shape.equipment;
	if (sample.time !== null) {
		readings.time = sample.time * 1_000;
		readings.clock = "meter";
	}
	readings.values = numbers.slice(0, usualCount);
	for (let at = 0; at < shape.others.length; at += 1) {
		const value = numbers[usualCount + at] ?? null;
		if (value !== null) readings.others.push({ at: shape.others[at], value });
	}
	readings.messages = [];
	readings.devices = shape.devices.map((device, at): MbusDevice => {
		const from = usualCount + shape.others.length + at * numbersPerDevice;
		const captured = numbers[from + 1] ?? null;
		const time = captured === null ? null : captured * 1_000;
		return { ...device, value: numbers[from] ?? null, time, valve: numbers[from + 2] ?? null };
	});
	readings.understood = true;
	return { verdict, systemTitle: null, frameCounter, bytes: new Uint8Array(0), start: 0, end: 0, readings };
}

/** A number that is another one when the register table or the format is, since samples in flash name registers by their place. */
export function registerSignature(): number {
	let signature = format * 1_000 + registers.length;
	for (const { code, position } of registers) {
		for (let at = 0; at < code.length; at++) signature = (Math.imul(signature, 31) + code.charCodeAt(at)) | 0;
		signature = (Math.imul(signature, 31) + position) | 0;
	}
	return signature;
}

export function countNumbers(shape: Shape): number {
	return usualCount + shape.others.length + shape.devices.length * numbersPerDevice;
}

/**
 * Writes a sample as what is new in it since `previous` (null: as a whole) and returns the end. Needs `longestSample` bytes.
 * Cost: a few operations per number.
 */
export function encodeSample(sample: Sample, previous: Sample | null, bytes: Uint8Array, start: number): number {
	const { numbers, time, frameCounter } = sample;
	bytes[start] =
		verdicts.indexOf(sample.verdict) | (time === null ? 0 : timeFlag) | (frameCounter === null ? 0 : counterFlag);
	let at = start + 1;
	if (time !== null) at = writeNumber(bytes, at, fold(time - (previous?.time ?? 0)));
	if (frameCounter !== null) at = writeNumber(bytes, at, fold(frameCounter - (previous?.frameCounter ?? 0)));
	const map = at;
	at += (numbers.length + 7) >> 3;
	bytes.fill(0, map, at);
	for (let index = 0; index < numbers.length; index++) {
		const value = numbers[index]!;
		const before = previous?.numbers[index] ?? null;
		if (value === before) continue;
		bytes[map + (index >> 3)] |= 1 << (index & 7);
		at = writeNumber(bytes, at, value === null ? 0 : 1 + shorten(value - (before ?? 0), steps[index] ?? 1));
	}
	return at;
}

/** Reads a sample of `count` numbers. Null when the bytes end before it does. The end is left in `cursor.at`. */
export function decodeSample(cursor: SampleCursor, count: number, previous: Sample | null): Sample | null {
	const flags = cursor.at < cursor.end ? cursor.bytes[cursor.at++]! : 0xff;
	const verdict = verdicts[flags & verdictMask];
	if (verdict === undefined) return null;
	const time = flags & timeFlag ? unfold(readNumber(cursor)) + (previous?.time ?? 0) : null;
	const counter = flags & counterFlag ? unfold(readNumber(cursor)) + (previous?.frameCounter ?? 0) : null;
	const map = cursor.at;
	cursor.at += (count + 7) >> 3;
	const numbers: (number | null)[] = [];
	for (let index = 0; index < count && cursor.at <= cursor.end; index++) {
		const before = previous?.numbers[index] ?? null;
		if ((cursor.bytes[map + (index >> 3)]! & (1 << (index & 7))) === 0) {
			numbers.push(before);
			continue;
		}
		const code = readNumber(cursor);
		numbers.push(code === 0 ? null : lengthen(code - 1, steps[index] ?? 1) + (before ?? 0));
	}
	return cursor.at <= cursor.end ? { verdict, time, frameCounter: counter, numbers } : null;
}

export interface SampleCursor {
	readonly bytes: Uint8Array;
	at: number;
	readonly end: number;
}

/** Signed to unsigned: 0, -1, 1, -2, 2 … are 0, 1, 2, 3, 4 … */
function fold(value: number): number {
	return value < 0 ? -2 * value - 1 : 2 * value;
}

function unfold(value: number): number {
	return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Whole steps are even, everything else is odd. */
function shorten(value: number, step: number): number {
	if (step === 1) return fold(value);
	return value % step === 0 ? fold(value / step) * 2 : fold(value) * 2 + 1;
}

function lengthen(code: number, step: number): number {
	if (step === 1) return unfold(code);
	return code % 2 === 0 ? unfold(code / 2) * step : unfold((code - 1) / 2);
}

/** Seven bits a byte, the low ones first. By division, since sums of meters pass 32 bits. */
function writeNumber(bytes: Uint8Array, start: number, value: number): number {
	let at = start;
	let rest = value;
	while (rest > 127) {
		bytes[at++] = (rest % 128) + 128;
		rest = Math.floor(rest / 128);
	}
	bytes[at++] = rest;
	return at;
}

/** Past the end the cursor stands behind it, and the value means nothing. */
function readNumber(cursor: SampleCursor): number {
	let value = 0;
	let scale = 1;
	while (cursor.at < cursor.end) {
		const byte = cursor.bytes[cursor.at++]!;
		value += (byte & 127) * scale;
		if (byte < 128) return value;
		scale *= 128;
	}
	cursor.at = cursor.end + 1;
	return value;
}
