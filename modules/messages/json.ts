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
 * readings must not change until the last is made. No generator: one has 1.4 KB on XS's heap for what is local in it.
 */
export function makeStateParts(source: StateSource): Iterator<string, void> {
	return new StateParts(source);
}

class StateParts implements Iterator<string, void> {
	private readonly source: StateSource;
	/** What comes next, and of a list the entry. */
	private section = 0;
	private at = 0;
	/** A text that is quoted in pieces, from `textAt`; null where there is none. */
	private text: string | null = null;
	private textAt = 0;
	private objects: [string, string][] | null = null;

	constructor(source: StateSource) {
		this.source = source;
	}

	next(): IteratorResult<string, void> {
		if (this.text !== null) return { done: false, value: this.continueQuote(this.text) };
		if (this.section >= sectionCount) return { done: true, value: undefined };
		return { done: false, value: this.make(this.source.readings) };
	}

	private make(readings: Readings): string {
		switch (this.section) {
			case 0: {
				const { verdict, frameCounter } = this.source;
				const counter = frameCounter === null ? "" : `"frame_counter":${frameCounter},`;
				this.section = 1;
				return this.quote(`{"verdict":"${verdict}",${counter}"identification":`, readings.identification);
			}
			case 1:
				this.section = 2;
				return this.quote(',"serial":', readings.serial);
			case 2:
				this.section = 3;
				return this.quote(',"equipment_id":', readings.equipment);
			case 3:
				this.section = 4;
				return this.quote(',"version":', readings.version);
			case 4:
				this.section = 5;
				return readings.time === null ? "" : formatClock(readings.time, readings.clock);
			case 5:
				return this.makeValues(readings.values);
			case 6: {
				const at = this.take(readings.others);
				return at < 0 ? formatSignedPower(readings) : encodeOther(readings.others[at]);
			}
			case 7: {
				const at = this.take(readings.messages);
				return at < 0 ? "" : this.quote(`,"${messageNames[at]}":`, readings.messages[at]);
			}
			case 8: {
				const { devices } = readings;
				const at = this.take(devices);
				if (at < 0) return devices.length === 0 ? "" : "]";
				return (at === 0 ? ',"devices":[' : ",") + encodeDevice(devices[at]);
			}
			case 9: {
				const { failures } = readings;
				const at = this.take(failures);
				if (at < 0) return failures.length === 0 ? "" : "]";
				return (at === 0 ? ',"power_failure_log":[' : ",") + encodeFailure(failures[at]);
			}
			default: {
				this.objects ??= Array.from(groupObjects(readings.objects));
				const at = this.take(this.objects);
				if (at < 0) return this.objects.length === 0 ? "}" : "}}";
				const [code, value] = this.objects[at];
				return this.quote(`${at === 0 ? ',"objects":{' : ","}${JSON.stringify(code)}:`, value);
			}
		}
	}

	/** The next entry of a list, or -1 where the next section follows. */
	private take(list: readonly unknown[]): number {
		const { at } = this;
		this.at += 1;
		if (at < list.length) return at;
		this.at = 0;
		this.section += 1;
		return -1;
	}

	private makeValues(values: Readings["values"]): string {
		const { at } = this;
		const end = Math.min(at + valuesPerPart, values.length);
		const parts: string[] = [];
		addValues(parts, values, at, end);
		this.at = end;
		if (end === values.length) {
			this.at = 0;
			this.section += 1;
		}
		return parts.join("");
	}

	/** `label` and the text in quotes, or of a long one the beginning; nothing for null. */
	private quote(label: string, text: string | null): string {
		if (text === null) return "";
		if (text.length <= quotedLength) return label + JSON.stringify(text);
		this.text = text;
		this.textAt = 0;
		return `${label}"`;
	}

	private continueQuote(text: string): string {
		const next = cutText(text, this.textAt + quotedLength);
		const piece = JSON.stringify(text.slice(this.textAt, next)).slice(1, -1);
		this.textAt = next;
		if (next < text.length) return piece;
		this.text = null;
		return `${piece}"`;
	}
}

/** Of the state message in parts. */
const sectionCount = 11;

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
