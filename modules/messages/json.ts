/** The state message: readings as JSON. */
import { formatTime } from "../p1/calendar.js";
import { registers, type Unit } from "../p1/obis.js";
import type { Telegram } from "../p1/reader.js";
import { type MbusDevice, type PowerFailure, type RawObject, type Readings, readingAt } from "../p1/readings.js";
import { signedPower } from "./active-power.js";
import { cutText, type Payload } from "./chunks.js";

/** The names of `Readings.messages`, one per entry. */
export const messageNames: readonly string[] = Object.freeze([
	"message",
	"message_2",
	"message_3",
	"message_4",
	"message_5",
]);

/** How many registers, and how many characters of a text, are in one part of a state message that is made in parts. */
const valuesPerPart = 4;
const quotedLength = 128;

/**
 * A value as the meter shows it. Thousandths divided by 1000 give the double nearest to the decimal, whose shortest form is
 * that decimal again: 6695 is 6.695. A moment is ISO 8601.
 */
export function formatValue(value: number, unit: Unit): string {
	if (unit === "time") return formatTime(value);
	return String(unit === "" ? value : value / 1000);
}

/** The register's value in the meter's unit, or null. */
export function formatRegister(readings: Readings, at: number): string | null {
	const value = readingAt(readings, at);
	return value === null ? null : formatValue(value, registers[at].unit);
}

/** What of a telegram is in the state message. */
export type StateSource = Pick<Telegram, "verdict" | "frameCounter" | "readings">;

/** The state message of one telegram (`docs/topics.md`). */
export function encodeState(source: StateSource): string {
	return joinParts(makeStateParts(source));
}

/** The same as it is to be sent: where it has texts to the customer it is made in pieces, of the readings, which must not change until then. */
export function describeState({ verdict, frameCounter, readings }: StateSource): Payload {
	// Without the telegram's bytes, which are the reader's.
	const source = { verdict, frameCounter, readings };
	const held = readings.messages.reduce((sum, message) => sum + (message?.length ?? 0), 0);
	if (held === 0) return encodeState(source);
	let parts = makeStateParts(source);
	return {
		held,
		make(at) {
			if (at === 0) parts = makeStateParts(source);
			return parts.next().value ?? null;
		},
	};
}

/** All readings as one JSON object, in the order of the register table: what the telegram has, and nothing that is made of it. */
export function encodeReadings(readings: Readings): string {
	return joinParts(makeParts("{", readings, false));
}

function joinParts(parts: Iterator<string, void>): string {
	let text = "";
	for (let part = parts.next(); part.value !== undefined; part = parts.next()) text += part.value;
	return text;
}

/**
 * The state message in parts of some hundred characters, each made when it is asked for, so that it is never in memory as a whole. The
 * readings must not change until the last is made.
 */
export function makeStateParts({ verdict, frameCounter, readings }: StateSource): Generator<string, void> {
	const counter = frameCounter === null ? "" : `"frame_counter":${frameCounter},`;
	return makeParts(`{"verdict":"${verdict}",${counter}`, readings, true);
}

/** The inside of the object, behind `head`, and its end. Text, because that costs XS less than an object and its keys. */
function* makeParts(head: string, readings: Readings, isState: boolean): Generator<string, void> {
	const { identification, version, time, clock, serial, equipment, values, others, messages } = readings;
	const { devices, failures, objects } = readings;
	yield* quote(`${head}"identification":`, identification);
	yield* quote(',"serial":', serial);
	yield* quote(',"equipment_id":', equipment);
	yield* quote(',"version":', version);
	if (time !== null) yield formatClock(time, clock);
	for (let at = 0; at < values.length; at += valuesPerPart) {
		yield formatValues(values, at, Math.min(at + valuesPerPart, values.length));
	}
	for (let at = 0; at < others.length; at += 1) yield encodeOther(others[at]);
	if (isState) yield formatSignedPower(readings);
	for (let at = 0; at < messages.length; at += 1) yield* quote(`,"${messageNames[at]}":`, messages[at]);
	for (let at = 0; at < devices.length; at += 1) yield (at === 0 ? ',"devices":[' : ",") + encodeDevice(devices[at]);
	if (devices.length > 0) yield "]";
	for (let at = 0; at < failures.length; at += 1) {
		yield (at === 0 ? ',"power_failure_log":[' : ",") + encodeFailure(failures[at]);
	}
	if (failures.length > 0) yield "]";
	let start = ',"objects":{';
	for (const [code, value] of groupObjects(objects)) {
		yield* quote(`${start}${JSON.stringify(code)}:`, value);
		start = ",";
	}
	yield objects.length > 0 ? "}}" : "}";
}

/** `label` and the text in quotes, in pieces; nothing for null. */
function* quote(label: string, text: string | null): Generator<string, void> {
	if (text === null) return;
	if (text.length <= quotedLength) {
		yield label + JSON.stringify(text);
		return;
	}
	yield `${label}"`;
	for (let at = 0; at < text.length; ) {
		const next = cutText(text, at + quotedLength);
		yield JSON.stringify(text.slice(at, next)).slice(1, -1);
		at = next;
	}
	yield '"';
}

/** `,"active_power":…`, or nothing. */
function formatSignedPower(readings: Readings): string {
	const power = signedPower(readings);
	return power === null ? "" : `,"active_power":${formatValue(power, "kW")}`;
}

/** The registers from `start` to `end`. */
function formatValues(values: Readings["values"], start: number, end: number): string {
	let text = "";
	for (let at = start; at < end; at += 1) {
		const value = values[at];
		if (value !== null) text += `,"${registers[at].name}":${formatValue(value, registers[at].unit)}`;
	}
	return text;
}

/** The time, and where it is from if it is not what the meter says in so many words. */
function formatClock(time: number, clock: Readings["clock"]): string {
	return `,"time":"${formatTime(time)}"${clock === "meter" ? "" : `,"clock":"${clock}"`}`;
}

function encodeOther({ at, value }: Readings["others"][number]): string {
	const { name, unit } = registers[at];
	const quotation = unit === "time" ? '"' : "";
	return `,"${name}":${quotation}${formatValue(value, unit)}${quotation}`;
}

/** A key may be in a JSON object once: an object that comes twice has its values one after the other. */
function groupObjects(objects: readonly RawObject[]): Map<string, string> {
	const values = new Map<string, string>();
	for (const { code, value } of objects) values.set(code, (values.get(code) ?? "") + value);
	return values;
}

function encodeFailure({ time, duration }: PowerFailure): string {
	return `{${time === null ? "" : `"time":"${formatTime(time)}",`}"duration":${duration}}`;
}

function encodeDevice(device: MbusDevice): string {
	const { type, id, channel, value, unit, time, valve } = device;
	let json = `{"type":"${type}","channel":${channel}`;
	if (id !== null) json += `,"id":${JSON.stringify(id)}`;
	// An index is kept in thousandths even where nothing tells its unit.
	if (value !== null) json += `,"value":${value / 1000}`;
	if (unit !== "") json += `,"unit":"${unit}"`;
	if (time !== null) json += `,"time":"${formatTime(time)}"`;
	if (valve !== null) json += `,"valve_state":${valve}`;
	return `${json}}`;
}
