/** The state message: readings as JSON. */
import { formatTime } from "../p1/calendar.js";
import { registers, type Unit } from "../p1/obis.js";
import type { Telegram } from "../p1/reader.js";
import { type MbusDevice, type PowerFailure, type RawObject, type Readings, readingAt } from "../p1/readings.js";
import { signedPower } from "./active-power.js";
import { cutText } from "./chunks.js";

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

/** The state message of one telegram (`docs/topics.md`). */
export function encodeState({ verdict, frameCounter, readings }: Telegram): string {
	const counter = frameCounter === null ? "" : `"frame_counter":${frameCounter},`;
	const parts = [`{"verdict":"${verdict}",${counter}`];
	addReadings(parts, readings, true);
	return parts.join("");
}

/** What of a telegram is in the state message. */
export type StateSource = Pick<Telegram, "verdict" | "frameCounter" | "readings">;

/**
 * The same text in parts of some hundred characters, each made when it is asked for, so that it is never in memory as a whole. The
 * readings must not change until the last is made.
 */
export function* makeStateParts({ verdict, frameCounter, readings }: StateSource): Generator<string, void> {
	const { identification, version, time, clock, serial, equipment, values, others, messages } = readings;
	const { devices, failures, objects } = readings;
	const counter = frameCounter === null ? "" : `"frame_counter":${frameCounter},`;
	yield* quote(`{"verdict":"${verdict}",${counter}"identification":`, identification);
	yield* quote(',"serial":', serial);
	yield* quote(',"equipment_id":', equipment);
	yield* quote(',"version":', version);
	if (time !== null) yield formatClock(time, clock);
	for (let at = 0; at < values.length; at += valuesPerPart) {
		const parts: string[] = [];
		addValues(parts, values, at, Math.min(at + valuesPerPart, values.length));
		yield parts.join("");
	}
	for (let at = 0; at < others.length; at += 1) yield encodeOther(others[at]);
	yield formatSignedPower(readings);
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

/** All readings as one JSON object, in the order of the register table: what the telegram has, and nothing that is made of it. */
export function encodeReadings(readings: Readings): string {
	const parts = ["{"];
	addReadings(parts, readings, false);
	return parts.join("");
}

/**
 * The inside of the object and its end. Put together from text, because that costs XS less than an object and its keys, and
 * at once, because each addition to a text copies it: a telegram may hold messages of five kilobytes.
 */
function addReadings(parts: string[], readings: Readings, isState: boolean): void {
	const { identification, version, time, clock, serial, equipment, values, others, messages } = readings;
	const { devices, failures, objects } = readings;
	parts.push(`"identification":${JSON.stringify(identification)}`);
	if (serial !== null) parts.push(`,"serial":${JSON.stringify(serial)}`);
	if (equipment !== null) parts.push(`,"equipment_id":${JSON.stringify(equipment)}`);
	if (version !== null) parts.push(`,"version":${JSON.stringify(version)}`);
	if (time !== null) parts.push(formatClock(time, clock));
	addValues(parts, values, 0, values.length);
	for (let at = 0; at < others.length; at += 1) parts.push(encodeOther(others[at]));
	if (isState) parts.push(formatSignedPower(readings));
	for (let at = 0; at < messages.length; at += 1) {
		const message = messages[at];
		if (message !== null) parts.push(`,"${messageNames[at]}":${JSON.stringify(message)}`);
	}
	if (devices.length > 0) parts.push(`,"devices":[${devices.map(encodeDevice).join(",")}]`);
	if (failures.length > 0) parts.push(`,"power_failure_log":[${failures.map(encodeFailure).join(",")}]`);
	if (objects.length > 0) parts.push(`,"objects":{${encodeObjects(objects)}}`);
	parts.push("}");
}

/** `,"active_power":…`, or nothing. */
function formatSignedPower(readings: Readings): string {
	const power = signedPower(readings);
	return power === null ? "" : `,"active_power":${formatValue(power, "kW")}`;
}

/** The registers from `start` to `end`. */
function addValues(parts: string[], values: Readings["values"], start: number, end: number): void {
	for (let at = start; at < end; at += 1) {
		const value = values[at];
		if (value !== null) parts.push(`,"${registers[at].name}":${formatValue(value, registers[at].unit)}`);
	}
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

function encodeObjects(objects: readonly RawObject[]): string {
	const texts = Array.from(
		groupObjects(objects),
		([code, value]) => `${JSON.stringify(code)}:${JSON.stringify(value)}`,
	);
	return texts.join(",");
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
