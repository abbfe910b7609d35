/** The forms in which readings are published besides the state message. */
import { formatTime } from "../p1/calendar.js";
import { readText } from "../p1/hex-text.js";
import { registers } from "../p1/obis.js";
import { copyTelegram } from "../p1/plain.js";
import type { Telegram } from "../p1/reader.js";
import type { MbusDevice } from "../p1/readings.js";
import { signedPower } from "./active-power.js";
import type { Chunks, Values } from "./chunks.js";
import { encodeDsmrReader } from "./dsmr-reader.js";
import { formatValue, messageNames } from "./json.js";
import { encodeSgrimee } from "./sgrimee.js";
import { encodeSmartmeter } from "./smartmeter.js";
import { encodeSmartyreader } from "./smartyreader.js";
import { topicLevel } from "./topics.js";

/** The forms in which readings are published besides the JSON state message (`docs/topics.md`). */
export type Layout = "values" | "smartyreader" | "smartmeter" | "sgrimee" | "dsmr-reader" | "raw";

/** Those of many topics, or of short ones. */
export type ValueLayout = Exclude<Layout, "raw">;

/** What of a telegram is in layouts besides `raw`. */
export type LayoutSource = Pick<Telegram, "verdict" | "readings">;

/**
 * One telegram of meter number `number` (from 0) in a layout besides `raw`, on topics that begin with `root`: of `values` that is the
 * meter's own. Not more than 64 topics, and as many more as the M-Bus has meters, times two.
 */
export function encodeLayout(layout: ValueLayout, source: LayoutSource, root: string, number: number): Values {
	if (layout === "values") return encodeValues(source, root);
	if (layout === "smartyreader") return encodeSmartyreader(source.readings, root);
	if (layout === "smartmeter") return encodeSmartmeter(source.readings, root, number);
	if (layout === "sgrimee") return encodeSgrimee(source.readings, root);
	return encodeDsmrReader(source.readings, root);
}

/** Bytes of a telegram that are made a text at once. */
const rawLength = 256;

/** Layout `raw`: the telegram in clear, with a good CRC. Kept in bytes, of which it is made in pieces. */
export function encodeRaw(telegram: Telegram): Chunks {
	const bytes = copyTelegram(telegram);
	const make = (at: number) => {
		const start = at * rawLength;
		return start < bytes.length ? readText(bytes, start, Math.min(start + rawLength, bytes.length)) : null;
	};
	return { held: bytes.length, make };
}

/** `<base>/<meter>/<name>`: one reading per topic, as a plain number in the unit of `docs/topics.md`. */
function* encodeValues({ readings, verdict }: LayoutSource, root: string): Values {
	const { time, equipment, values, others, messages, devices } = readings;
	// First, so that it is there when the values come.
	yield [`${root}/verdict`, verdict];
	yield [`${root}/time`, time === null ? null : formatTime(time)];
	yield [`${root}/equipment_id`, equipment];
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at];
		if (value !== null) yield [`${root}/${registers[at].name}`, formatValue(value, registers[at].unit)];
	}
	for (let index = 0; index < others.length; index += 1) {
		const { at, value } = others[index];
		yield [`${root}/${registers[at].name}`, formatValue(value, registers[at].unit)];
	}
	const power = signedPower(readings);
	yield [`${root}/active_power`, power === null ? null : formatValue(power, "kW")];
	for (let at = 0; at < messages.length; at += 1) yield [`${root}/${messageNames[at]}`, messages[at]];
	for (const device of devices) yield* encodeDevice(device, root);
}

/** `<root>/<type>/<identifier>/value` and so on. */
function* encodeDevice(device: MbusDevice, root: string): Values {
	const { type, id, channel, value, time, valve } = device;
	const own = `${root}/${type}/${topicLevel(id ?? `channel_${channel}`)}`;
	yield [`${own}/value`, value === null ? null : String(value / 1000)];
	yield [`${own}/time`, time === null ? null : formatTime(time)];
	yield [`${own}/valve_state`, valve === null ? null : String(valve)];
}
