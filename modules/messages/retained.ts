/** The topics under which messages about a meter or a reader may be retained, so that they can be cleared. */
import { registers } from "../p1/obis.js";
import type { MbusDevice } from "../p1/readings.js";
import { nameMbusDevice, nameMeterDevice } from "./homeassistant/device.js";
import { counterKeys, deviceKeys, meterKeys, readerKeys, updateKey } from "./homeassistant/entity.js";
import { messageNames } from "./json.js";
import { diagnosticsTopic, meterRoot, powerTopic, stateTopic, statusTopic, topicLevel, updateTopic } from "./topics.js";

/** What topics begin with: our own, and Home Assistant's. */
export interface RetainedRoots {
	base: string;
	prefix: string;
}

/** What is known of a meter that is to be forgotten. */
export interface RetainedMeter {
	name: string;
	/** On its M-Bus. */
	devices: readonly MbusDevice[];
}

/** The topics of the meter itself, then what Home Assistant was told about it by `reader`. One at a time, as there are some two hundred. */
export function* listMeterTopics(roots: RetainedRoots, reader: string, meter: RetainedMeter): Generator<string, void> {
	const { base } = roots;
	const root = meterRoot(base, meter.name);
	yield stateTopic(base, meter.name);
	yield statusTopic(base, meter.name);
	yield powerTopic(base, meter.name);
	yield `${root}/telegram`;
	for (const name of ["verdict", "time", "equipment_id", "active_power", ...messageNames]) yield `${root}/${name}`;
	for (const { name } of registers) yield `${root}/${name}`;
	for (const { type, id, channel } of meter.devices) {
		const own = `${root}/${type}/${topicLevel(id ?? `channel_${channel}`)}`;
		for (const field of ["value", "time", "valve_state"]) yield `${own}/${field}`;
	}
	yield* listMeterDiscovery(roots, reader, meter);
}

/** The topics of the reader itself and of its counters, then what it told Home Assistant about itself, about them and about these meters. */
export function* listReaderTopics(
	roots: RetainedRoots,
	reader: string,
	meters: readonly RetainedMeter[],
	counters: readonly string[],
): Generator<string, void> {
	yield statusTopic(roots.base, reader);
	yield diagnosticsTopic(roots.base, reader);
	yield updateTopic(roots.base, reader);
	yield `${roots.prefix}/update/${topicLevel(reader)}/${updateKey}/config`;
	yield* listDiscovery(roots, topicLevel(reader), readerKeys());
	for (const counter of counters) {
		yield stateTopic(roots.base, counter);
		yield* listDiscovery(roots, nameMeterDevice(reader, counter), counterKeys());
	}
	for (const meter of meters) yield* listMeterDiscovery(roots, reader, meter);
}

function* listMeterDiscovery(roots: RetainedRoots, reader: string, meter: RetainedMeter): Generator<string, void> {
	for (const device of meter.devices) {
		yield* listDiscovery(roots, nameMbusDevice(reader, meter.name, device), deviceKeys(device));
	}
	yield* listDiscovery(roots, nameMeterDevice(reader, meter.name), meterKeys());
}

/** One message for the device, or one for each of its entities. */
function* listDiscovery({ prefix }: RetainedRoots, id: string, keys: readonly string[]): Generator<string, void> {
	yield `${prefix}/device/${id}/config`;
	for (const key of keys) yield `${prefix}/sensor/${id}/${key}/config`;
}
