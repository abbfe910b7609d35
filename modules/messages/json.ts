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
/** With texts of no more characters, those to the customer and unknown objects, a state message is made at once. */
const shortTexts = 512;

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

/** The same as it is to be sent: where it has long texts it is made in pieces, of the readings, which must not change until then. */
export function describeState({ verdict, frameCounter, readings }: StateSource): Payload {
	// Without the telegram's bytes, which are the reader's.
	const source = { verdict, frameCounter, readings };
	let held = 0;
	for (const message of readings.messages) held += message?.length ?? 0;
	for (const { value } of readings.objects) held += value.length;
	if (held <= shortTexts) return encodeState(source);
	let parts: Iterator<string, void> | null = null;
	let next = 0;
	return {
		held,
		make(at) {
			if (parts === null || at < next) {
				parts = makeStateParts(source);
				next = 0;
			}
			let piece: string | null = null;
			for (; next <= at; next += 1) piece = parts.next().value ?? null;
			return piece;
		},
	};
}

/** All readings as one JSON object, in the order of the register table: what the telegram has, and nothing that is made of it. */
export function encodeReadings(readings: Readings): string {
	return joinParts(new JsonParts("{", readings, false));
}

/** In pieces that are joined at once: each addition to a text copies it, and a telegram may hold messages of five kilobytes. */
function joinParts(parts: Iterator<string, void>): string {
	const texts: string[] = [];
	for (let part = parts.next(); part.value !== undefined; part = parts.next()) texts.push(part.value);
	return texts.join("");
}

/**
 * The state message in parts of some hundred characters, each made when it is asked for, so that it is never in memory as a whole. The
 * readings must not change until the last is made.
 */
export function makeStateParts({ verdict, frameCounter, readings }: StateSource): Iterator<string, void> {
	const counter = frameCounter === null ? "" : `"frame_counter":${frameCounter},`;
	return new JsonParts(`{"verdict":"${verdict}",${counter}`, readings, true);
}

/**
 * Text, because that costs XS less than an object and its keys. No generator: one has 1.4 KB on XS's heap for what is local in it. No part
 * is empty.
 */
class JsonParts implements Iterator<string, void> {
	private readonly head: string;
	private readonly readings: Readings;
	private readonly isState: boolean;
	/** What comes next, and of a list the entry. */
	private section = 0;
	private at = 0;
	/** A text that is quoted in pieces, from `textAt`; null where there is none. */
	private text: string | null = null;
	private textAt = 0;
	private objects: [string, string][] | null = null;

	constructor(head: string, readings: Readings, isState: boolean) {
		this.head = head;
		this.readings = readings;
		this.isState = isState;
	}

	next(): IteratorResult<string, void> {
		while (this.text !== null || this.section < sectionCount) {
			const value = this.text === null ? this.make(this.readings) : this.continueQuote(this.text);
			if (value !== "") return { done: false, value };
		}
		return { done: true, value: undefined };
	}

	private make(readings: Readings): string {
		switch (this.section) {
			case 0:
				this.section = 1;
				return this.quote(`${this.head}"identification":`, readings.identification);
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
				if (at < 0) return this.isState ? formatSignedPower(readings) : "";
				return encodeOther(readings.others[at]);
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

/** Of an object in parts. */
const sectionCount = 11;

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
