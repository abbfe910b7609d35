/** Devices of Home Assistant, and the discovery messages of their entities. */
import { consistsOf } from "../../p1/characters.js";
import type { MbusDevice } from "../../p1/readings.js";
import type { Chunks, Message } from "../chunks.js";
import {
	diagnosticsTopic,
	powerTopic,
	stateTopic,
	statusTopic,
	topicLevel,
	updateCommandTopic,
	updateTopic,
} from "../topics.js";
import {
	countDeviceEntities,
	counterEntity,
	counterEntityCount,
	countMeterEntities,
	deviceEntity,
	type Entity,
	isPlainName,
	isUsual,
	meterEntity,
	meterStateEntity,
	powerEntity,
	powerEntityCount,
	readerEntity,
	readerEntityCount,
	updateEntity,
} from "./entity.js";
import { findManufacturer } from "./manufacturer.js";

/** What all messages of Home Assistant's discovery have in common. */
export interface DiscoveryOptions {
	/** One message per device, or per entity. */
	style: "device" | "entity";
	/** The first topic level, `homeassistant` unless changed there. */
	prefix: string;
	/** First levels of the topics of the readings. */
	base: string;
	/** Name and version of the firmware. */
	version: string;
	/** Milliseconds between two state messages and between two diagnostics messages. */
	statePeriod: number;
	diagnosticsPeriod: number;
	/** Whether the program can be replaced from here. */
	update: boolean;
	/** Names of the counters of pulses, and milliseconds between two of their messages. */
	counters: readonly string[];
	counterPeriod: number;
}

/** One device of Home Assistant, as it is now: what is learnt while its message is under way is not in it. */
export interface HomeAssistantDevice {
	id: string;
	/** The topics that say `online` or `offline`: it is available while all of them say `online`. */
	availability: readonly string[];
	/** The inside of the JSON object `dev`. */
	description: string;
	groups: Group[];
}

/** Entities that come out of one topic, made one at a time. */
interface Group {
	topic: string;
	/** Milliseconds between two of its messages. */
	period: number;
	count: number;
	make(at: number): Entity;
}

/** After so many periods without a message a value is not shown any more. */
const staleAfterPeriods = 3;

/** The reader itself. `reader` is its name in topics, `url` that of its pages, or null. */
export function describeReader(options: DiscoveryOptions, reader: string, url: string | null): HomeAssistantDevice {
	const { base, version, diagnosticsPeriod: period } = options;
	const groups: Group[] = [
		{ topic: diagnosticsTopic(base, reader), period, count: readerEntityCount, make: readerEntity },
	];
	if (options.update) {
		const make = () => updateEntity(updateCommandTopic(base, reader));
		groups.push({ topic: updateTopic(base, reader), period, count: 1, make });
	}
	return {
		id: topicLevel(reader),
		availability: [statusTopic(base, reader)],
		description: `"name":${JSON.stringify(reader)},"mf":"smarty-xs","sw":${JSON.stringify(version)}${connect(reader, url)}`,
		groups,
	};
}

/** The MAC address that the reader's name ends in, by which Home Assistant knows what other integrations say of it; and its pages. */
function connect(reader: string, url: string | null): string {
	const digits = reader.slice(-12);
	let address = "";
	if (digits.length === 12 && consistsOf(digits, "09af")) {
		for (let at = 0; at < 12; at += 2) address += `${at === 0 ? "" : ":"}${digits.slice(at, at + 2)}`;
		address = `,"cns":[["mac","${address}"]]`;
	}
	return `${address}${url === null ? "" : `,"cu":${JSON.stringify(url)}`}`;
}

/** A counter of pulses. */
export function describeCounter(options: DiscoveryOptions, reader: string, counter: string): HomeAssistantDevice {
	const { base, counterPeriod: period } = options;
	return {
		id: nameMeterDevice(reader, counter),
		availability: [statusTopic(base, reader)],
		description: `"name":${JSON.stringify(`pulses ${counter}`)},"via_device":"${topicLevel(reader)}"`,
		groups: [{ topic: stateTopic(base, counter), period, count: counterEntityCount, make: counterEntity }],
	};
}

function describeManufacturer(number: string, identification = ""): string {
	const name = findManufacturer(number, identification);
	return name === null ? "" : `,"mf":${JSON.stringify(name)}`;
}

/** A meter with the registers at the places `known`. `power`: whether it has a power class account; `label`: what people call it. */
export function describeMeter(
	options: DiscoveryOptions,
	reader: string,
	meter: string,
	{ identification, power, label }: { identification: string; power: boolean; label: string | null },
	known: readonly number[],
): HomeAssistantDevice {
	const { base, statePeriod: period, diagnosticsPeriod } = options;
	const groups: Group[] = [
		{
			topic: stateTopic(base, meter),
			period,
			count: countMeterEntities(known),
			make: at => meterEntity(known, at),
		},
	];
	if (power) groups.push({ topic: powerTopic(base, meter), period, count: powerEntityCount, make: powerEntity });
	if (isPlainName(meter)) {
		const topic = diagnosticsTopic(base, reader);
		groups.push({ topic, period: diagnosticsPeriod, count: 1, make: () => meterStateEntity(meter) });
	}
	const name = JSON.stringify(label ?? `smarty ${meter}`);
	const model = JSON.stringify(identification);
	const serial = JSON.stringify(meter);
	const parent = topicLevel(reader);
	return {
		id: nameMeterDevice(reader, meter),
		availability: [statusTopic(base, reader), statusTopic(base, meter)],
		description: `"name":${name}${describeManufacturer(meter, identification)},"mdl":${model},"sn":${serial},"via_device":"${parent}"`,
		groups,
	};
}

/** A meter on the M-Bus of `meter`. */
export function describeMbusDevice(
	options: DiscoveryOptions,
	reader: string,
	meter: string,
	known: MbusDevice,
): HomeAssistantDevice {
	const { base, statePeriod: period } = options;
	const parent = nameMeterDevice(reader, meter);
	const label = labelMbusDevice(known);
	const title = JSON.stringify(`${known.type.replaceAll("_", " ")} meter ${label}`);
	const count = countDeviceEntities(known);
	return {
		id: nameMbusDevice(reader, meter, known),
		availability: [statusTopic(base, reader), statusTopic(base, meter)],
		description: `"name":${title}${describeManufacturer(label)},"sn":${JSON.stringify(label)},"via_device":"${parent}"`,
		groups: [{ topic: stateTopic(base, meter), period, count, make: at => deviceEntity(known, at) }],
	};
}

/** The identifier of a meter's device. */
export function nameMeterDevice(reader: string, meter: string): string {
	return `${topicLevel(reader)}_${topicLevel(meter)}`;
}

/** The identifier of the device of a meter on the M-Bus. */
export function nameMbusDevice(reader: string, meter: string, known: MbusDevice): string {
	return `${nameMeterDevice(reader, meter)}_${known.type}_${topicLevel(labelMbusDevice(known))}`;
}

function labelMbusDevice({ id, channel }: MbusDevice): string {
	return id ?? `channel ${channel}`;
}

export function countEntities({ groups }: HomeAssistantDevice): number {
	let count = 0;
	for (const group of groups) count += group.count;
	return count;
}

/** One message for all of a device's entities, of up to 18 KB: an entity is a chunk, so that the whole is nowhere. */
export function encodeDevice(options: DiscoveryOptions, device: HomeAssistantDevice): Message<Chunks> {
	const { id, groups } = device;
	const count = countEntities(device);
	const main = groups[0].topic;
	const shared = describeShared(options, device);
	return {
		topic: `${options.prefix}/device/${id}/config`,
		payload: {
			held: 0,
			make(at) {
				if (at > count) return null;
				if (at === 0) return `{${shared},"stat_t":${JSON.stringify(main)},"cmps":{`;
				const { group, entity } = findEntity(device, at - 1);
				const own = group.topic === main ? "" : `,"stat_t":${JSON.stringify(group.topic)}`;
				const text = `"${entity.key}":{"p":"${platformOf(entity)}",${describeEntity(id, entity, group.period)}${own}}`;
				return `${at > 1 ? "," : ""}${text}${at === count ? "}}" : ""}`;
			},
		},
		quality: 1,
		retain: true,
	};
}

/** The message of one entity, as older versions of Home Assistant want it. */
export function encodeEntity(options: DiscoveryOptions, device: HomeAssistantDevice, at: number): Message {
	const { id } = device;
	const { group, entity } = findEntity(device, at);
	const own = `${describeEntity(id, entity, group.period)},"stat_t":${JSON.stringify(group.topic)}`;
	return {
		topic: `${options.prefix}/${platformOf(entity)}/${id}/${entity.key}/config`,
		payload: `{${own},${describeShared(options, device)}}`,
		quality: 1,
		retain: true,
	};
}

function platformOf({ platform }: Entity): string {
	return platform ?? "sensor";
}

function findEntity({ groups }: HomeAssistantDevice, at: number): { group: Group; entity: Entity } {
	let place = 0;
	let rest = at;
	while (rest >= groups[place].count) rest -= groups[place++].count;
	return { group: groups[place], entity: groups[place].make(rest) };
}

function describeShared({ version }: DiscoveryOptions, { id, description, availability }: HomeAssistantDevice): string {
	const [name, number] = version.split(" ");
	const origin = `"o":{"name":${JSON.stringify(name)},"sw":${JSON.stringify(number ?? "")}}`;
	const topics = availability.map(topic => `{"t":${JSON.stringify(topic)}}`).join(",");
	return `"dev":{"ids":["${id}"],${description}},${origin},"avty":[${topics}],"avty_mode":"all"`;
}

/** Identifiers, the template and when a value is too old: what both forms have in common. */
function describeEntity(id: string, entity: Entity, period: number): string {
	const { key, body, platform } = entity;
	const enabled = isUsual(key) ? "" : ',"en":false';
	// Only values of sensors get old.
	const end = platform === undefined ? `,"exp_aft":${Math.ceil((period * staleAfterPeriods) / 1000)}` : "";
	return `"uniq_id":"${id}_${key}",${body}${enabled}${end}`;
}
