/** The forms in which readings are published besides the state message. */
import { formatTime } from "../p1/calendar.js";
import { readText } from "../p1/hex-text.js";
import { registers } from "../p1/obis.js";
import { copyTelegram } from "../p1/plain.js";
import type { Telegram } from "../p1/reader.js";
import type { MbusDevice, Readings } from "../p1/readings.js";
import { signedPower } from "./active-power.js";
import { chunkLength, type Emit } from "./chunks.js";
import { encodeDsmrReader } from "./dsmr-reader.js";
import { formatValue, messageNames } from "./json.js";
import { encodeSgrimee } from "./sgrimee.js";
import { encodeSmartmeter } from "./smartmeter.js";
import { encodeSmartyreader } from "./smartyreader.js";
import { topicLevel } from "./topics.js";

/** The forms in which readings are published besides the JSON state message (`docs/topics.md`). */
export type Layout = "values" | "smartyreader" | "smartmeter" | "sgrimee" | "dsmr-reader" | "raw";

/** Whether the layout's topics say which meter they are of. Where they do not, each meter needs a root of its own. */
export function namesMeter(layout: Layout): boolean {
	return layout === "values" || layout === "raw" || layout === "smartmeter";
}

/**
 * Emits one telegram of meter number `number` (from 0) in the layout, on topics that begin with `root`: of `values` and `raw` that is the
 * meter's own. Not more than 64 topics, and as many more as the M-Bus has meters, times two.
 */
export function encodeLayout(layout: Layout, telegram: Telegram, root: string, number: number, emit: Emit): void {
	if (layout === "values") encodeValues(telegram, root, emit);
	else if (layout === "smartyreader") encodeSmartyreader(telegram.readings, root, emit);
	else if (layout === "smartmeter") encodeSmartmeter(telegram.readings, root, number, emit);
	else if (layout === "sgrimee") encodeSgrimee(telegram, root, emit);
	else if (layout === "dsmr-reader") encodeDsmrReader(telegram.readings, root, emit);
	else encodeRaw(telegram, root, emit);
}

/** `<base>/<meter>/telegram`: the telegram in clear, with a good CRC. Kept in bytes, of which it is made in pieces. */
function encodeRaw(telegram: Telegram, root: string, emit: Emit): void {
	const bytes = copyTelegram(telegram);
	const make = (at: number) => {
		const start = at * chunkLength;
		return start < bytes.length ? readText(bytes, start, Math.min(start + chunkLength, bytes.length)) : null;
	};
	emit(`${root}/telegram`, { held: bytes.length, make });
}

/** `<base>/<meter>/<name>`: one reading per topic, as a plain number in the unit of `docs/topics.md`. */
function encodeValues({ readings, verdict }: Telegram, root: string, emit: Emit): void {
	const { time, equipment, messages, devices } = readings;
	// First, so that it is there when the values come.
	emit(`${root}/verdict`, verdict);
	if (time !== null) emit(`${root}/time`, formatTime(time));
	if (equipment !== null) emit(`${root}/equipment_id`, equipment);
	emitRegisters(readings, (name, value) => emit(`${root}/${name}`, value));
	const power = signedPower(readings);
	if (power !== null) emit(`${root}/active_power`, formatValue(power, "kW"));
	for (let at = 0; at < messages.length; at += 1) {
		const message = messages[at];
		if (message !== null) emit(`${root}/${messageNames[at]}`, message);
	}
	for (const device of devices) emitDevice(device, root, emit);
}

function emitRegisters({ values, others }: Readings, emit: Emit): void {
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at];
		if (value !== null) emit(registers[at].name, formatValue(value, registers[at].unit));
	}
	for (let index = 0; index < others.length; index += 1) {
		const { at, value } = others[index];
		emit(registers[at].name, formatValue(value, registers[at].unit));
	}
}

/** `<root>/<type>/<identifier>/value` and so on. */
function emitDevice(device: MbusDevice, root: string, emit: Emit): void {
	const { type, id, channel, value, time, valve } = device;
	const own = `${root}/${type}/${topicLevel(id ?? `channel_${channel}`)}`;
	if (value !== null) emit(`${own}/value`, String(value / 1000));
	if (time !== null) emit(`${own}/time`, formatTime(time));
	if (valve !== null) emit(`${own}/valve_state`, String(valve));
}
