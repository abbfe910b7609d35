/** A reading in 15 to 30 bytes, and back. */
import { meterName } from "../messages/topics.js";
import { registers, type Unit, usualCount } from "../p1/obis.js";
import type { Telegram, Verdict } from "../p1/reader.js";
import { createReadings, type MbusDevice } from "../p1/readings.js";
import {
	type BitReader,
	type ByteCursor,
	createBitReader,
	createBitWriter,
	endBits,
	readBits,
	readNumber,
	writeBits,
	writeNumber,
} from "./bits.js";

/**
 * A reading as the history keeps it: all numbers of a telegram, without its texts to the customer and its unknown objects,
 * as bytes of which most readings need 15 to 30.
 */
export interface Sample {
	verdict: Verdict;
	/** UTC in seconds; null where the meter told none. */
	time: number | null;
	frameCounter: number | null;
	/**
	 * One per usual register and per other one of the shape, then three per device: index, when it was captured (UTC in seconds), valve;
	 * `missing` for what the telegram does not have. A list of them would take twice the memory, and one lives for each meter.
	 */
	numbers: Float64Array;
}

/** What a number of a sample is that is none. */
export const missing = -Infinity;

/** Null where it is missing, or where the sample has none there. */
export function numberAt({ numbers }: Sample, at: number): number | null {
	const number = numbers[at] ?? missing;
	return number === missing ? null : number;
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

/**
 * What differences of a register look like: meters print most numbers in whole steps, and this many low bits are mere noise, which is
 * not worth a prefix.
 */
interface Habit {
	/** Where 1 is not it, numbers between two steps are kept too, in one bit more. */
	readonly step: number;
	readonly bits: number;
}

const habits: readonly Habit[] = Object.freeze(
	registers.slice(0, usualCount).map(({ unit }) => habitOf(unit)),
	true,
);
/** Of other registers and of devices. */
const usualHabit: Habit = Object.freeze({ step: 1, bits: 3 });

function habitOf(unit: Unit): Habit {
	if (unit === "kW" || unit === "kvar" || unit === "kVA") return { step: 1, bits: 5 };
	if (unit === "kWh" || unit === "kvarh") return { step: 1, bits: 2 };
	if (unit === "V") return { step: 100, bits: 2 };
	return { step: unit === "A" ? 1_000 : 1, bits: 1 };
}

/** Another one when samples are written in another way. */
const format = 4;

/** So many registers that are not usual are kept, the first ones. */
const mostOthers = 8;
/** Bytes that no sample exceeds: all usual registers, so many others, four devices, every number in its longest form. */
export const longestSample = 512;
const numbersPerDevice = 3;
const verdicts: readonly Verdict[] = Object.freeze(["authenticated", "crc-only", "plain"]);
/** Between two telegrams, in Luxembourg. */
const usualSeconds = 10;
const timeBits = 3;
const counterBits = 1;

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
	const otherCount = Math.min(others.length, mostOthers);
	const numbers = new Float64Array(usualCount + otherCount + devices.length * numbersPerDevice);
	for (let at = 0; at < usualCount; at += 1) numbers[at] = values[at] ?? missing;
	let end = usualCount;
	for (let at = 0; at < otherCount; at += 1) numbers[end++] = others[at].value;
	for (const { value, time: captured, valve } of devices) {
		numbers[end++] = value ?? missing;
		numbers[end++] = toSeconds(captured) ?? missing;
		numbers[end++] = valve ?? missing;
	}
	return { verdict: telegram.verdict, time: toSeconds(time), frameCounter: telegram.frameCounter, numbers };
}

function toSeconds(time: number | null): number | null {
	return time === null ? null : Math.floor(time / 1_000);
}

/** The telegram again, as far as it was kept. */
export function restoreTelegram(shape: Shape, sample: Sample): Telegram {
	const { verdict, frameCounter } = sample;
	const readings = createReadings(shape.identification);
	readings.version = shape.version;
	readings.serial = shape.serial;
	readings.equipment = shape.equipment;
	if (sample.time !== null) {
		readings.time = sample.time * 1_000;
		readings.clock = "meter";
	}
	for (let at = 0; at < usualCount; at += 1) readings.values[at] = numberAt(sample, at);
	for (let at = 0; at < shape.others.length; at += 1) {
		const value = numberAt(sample, usualCount + at);
		if (value !== null) readings.others.push({ at: shape.others[at], value });
	}
	readings.messages = [];
	readings.devices = shape.devices.map((device, at): MbusDevice => {
		const from = usualCount + shape.others.length + at * numbersPerDevice;
		const captured = numberAt(sample, from + 1);
		const time = captured === null ? null : captured * 1_000;
		return { ...device, value: numberAt(sample, from), time, valve: numberAt(sample, from + 2) };
	});
	readings.understood = true;
	return { verdict, systemTitle: null, frameCounter, bytes: new Uint8Array(0), start: 0, end: 0, readings };
}

/** A number that is another one when the register table or the format is, since samples in flash name registers by their place. */
export function registerSignature(): number {
	return signature;
}

const signature = /* @__PURE__ */ signRegisters();

function signRegisters(): number {
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
 *
 * Bits, the highest of a byte first, with zeros up to a whole byte at the end:
 *
 * - one: whether it follows the previous one as usual: the same verdict, ten seconds later, its frame counter one higher; if not,
 *   two: the verdict's place in `verdicts`; one: whether it has a time; one: whether it has a frame counter; the time and the counter,
 *   where it has them: each its difference to the previous one (or to 0), folded, as a number
 * - for each of `numbers` one: whether it is another than before; where it is, a number: 0 is null, else 1 and the difference in steps
 *
 * A number is written in an Elias delta code of order n, where n bits of it are mere noise: 2^n is added; how many bits the sum has, less
 * n, comes first, with as many zeros before it as that has bits after its first; then the sum without its first bit.
 */
export function encodeSample(sample: Sample, previous: Sample | null, bytes: Uint8Array, start: number): number {
	const { numbers, time, frameCounter } = sample;
	const writer = createBitWriter(bytes, start);
	if (previous !== null && follows(sample, previous)) writeBits(writer, 1, 1);
	else {
		writeBits(writer, verdicts.indexOf(sample.verdict), 3);
		writeBits(writer, (time === null ? 0 : 2) | (frameCounter === null ? 0 : 1), 2);
		if (time !== null) writeNumber(writer, fold(time - (previous?.time ?? 0)), timeBits);
		if (frameCounter !== null) writeNumber(writer, fold(frameCounter - (previous?.frameCounter ?? 0)), counterBits);
	}
	for (let index = 0; index < numbers.length; index += 1) {
		const value = numbers[index]!;
		const before = previous?.numbers[index] ?? missing;
		writeBits(writer, value === before ? 0 : 1, 1);
		if (value === before) continue;
		const { step, bits } = habits[index] ?? usualHabit;
		writeNumber(writer, value === missing ? 0 : 1 + shorten(before === missing ? value : value - before, step), bits);
	}
	return endBits(writer);
}

function follows({ verdict, time, frameCounter }: Sample, previous: Sample): boolean {
	if (verdict !== previous.verdict || time === null || previous.time === null) return false;
	if (frameCounter === null || previous.frameCounter === null) return false;
	return time === previous.time + usualSeconds && frameCounter === previous.frameCounter + 1;
}

/** Reads a sample of `count` numbers. Null when the bytes end before it does, or are none. The end is left in `cursor.at`. */
export function decodeSample(cursor: ByteCursor, count: number, previous: Sample | null): Sample | null {
	const reader = createBitReader(cursor);
	const sample = readHead(reader, previous, count);
	if (sample === null) return null;
	const { numbers } = sample;
	for (let index = 0; index < count && cursor.at <= cursor.end; index += 1) {
		const before = previous?.numbers[index] ?? missing;
		if (readBits(reader, 1) === 0) {
			numbers[index] = before;
			continue;
		}
		const { step, bits } = habits[index] ?? usualHabit;
		const code = readNumber(reader, bits);
		numbers[index] = code === 0 ? missing : lengthen(code - 1, step) + (before === missing ? 0 : before);
	}
	return cursor.at <= cursor.end ? sample : null;
}

function readHead(reader: BitReader, previous: Sample | null, count: number): Sample | null {
	if (readBits(reader, 1) === 1) {
		if (previous === null || previous.time === null || previous.frameCounter === null) return null;
		const { verdict, time, frameCounter } = previous;
		return { verdict, time: time + usualSeconds, frameCounter: frameCounter + 1, numbers: new Float64Array(count) };
	}
	const verdict = verdicts[readBits(reader, 2)];
	if (verdict === undefined) return null;
	const flags = readBits(reader, 2);
	const time = flags & 2 ? unfold(readNumber(reader, timeBits)) + (previous?.time ?? 0) : null;
	const frameCounter = flags & 1 ? unfold(readNumber(reader, counterBits)) + (previous?.frameCounter ?? 0) : null;
	return { verdict, time, frameCounter, numbers: new Float64Array(count) };
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
