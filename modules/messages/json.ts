import { formatTime } from "../p1/calendar.js";
import { registers, type Unit } from "../p1/obis.js";
import type { Telegram } from "../p1/reader.js";
import { type MbusDevice, type PowerFailure, type RawObject, type Readings, readingAt } from "../p1/readings.js";

/** The names of `Readings.messages`, one per entry. */
export const messageNames: readonly string[] = Object.freeze([
	"message",
	"message_2",
	"message_3",
	"message_4",
	"message_5",
]);

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
	addReadings(parts, readings);
	return parts.join("");
}

/** All readings as one JSON object, in the order of the register table. What the telegram does not have is not in it. */
export function encodeReadings(readings: Readings): string {
	const parts = ["{"];
	addReadings(parts, readings);
	return parts.join("");
}

/**
 * The inside of the object and its end. Put together from text, because that costs XS less than an object and its keys, and
 * at once, because each addition to a text copies it: a telegram may hold messages of five kilobytes.
 */
function addReadings(parts: string[], readings: Readings): void {
	const { identification, version, time, clock, serial, equipment, values, others, messages } = readings;
	const { devices, failures, objects } = readings;
	parts.push(`"identification":${JSON.stringify(identification)}`);
	if (serial !== null) parts.push(`,"serial":${JSON.stringify(serial)}`);
	if (equipment !== null) parts.push(`,"equipment_id":${JSON.stringify(equipment)}`);
	if (version !== null) parts.push(`,"version":${JSON.stringify(version)}`);
	if (time !== null) parts.push(`,"time":"${formatTime(time)}"`);
	if (time !== null && clock !== "meter") parts.push(`,"clock":"${clock}"`);
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at];
		if (value !== null) parts.push(`,"${registers[at].name}":${formatValue(value, registers[at].unit)}`);
	}
	for (let index = 0; index < others.length; index += 1) {
		const { at, value } = others[index];
		const { name, unit } = registers[at];
		const quote = unit === "time" ? '"' : "";
		parts.push(`,"${name}":${quote}${formatValue(value, unit)}${quote}`);
	}
	for (let at = 0; at < messages.length; at += 1) {
		const message = messages[at];
		if (message !== null) parts.push(`,"${messageNames[at]}":${JSON.stringify(message)}`);
	}
	if (devices.length > 0) parts.push(`,"devices":[${devices.map(encodeDevice).join(",")}]`);
	if (failures.length > 0) parts.push(`,"power_failure_log":[${failures.map(encodeFailure).join(",")}]`);
	if (objects.length > 0) parts.push(`,"objects":{${encodeObjects(objects)}}`);
	parts.push("}");
}

/** A key may be in a JSON object once: an object that comes twice has its values one behind the other. */
function encodeObjects(objects: readonly RawObject[]): string {
	const values = new Map<string, string>();
	for (const { code, value } of objects) values.set(code, (values.get(code) ?? "") + value);
	return Array.from(values, ([code, value]) => `${JSON.stringify(code)}:${JSON.stringify(value)}`).join(",");
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
