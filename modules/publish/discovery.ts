import { registers } from "../p1/obis.js";
import type { MbusDevice, Readings } from "../p1/readings.js";
import { deviceEntities, type Entity, listMeterEntities, powerEntities, readerEntities } from "./entity.js";
import type { Message } from "./message.js";
import { diagnosticsTopic, powerTopic, stateTopic, topicLevel } from "./topics.js";

/**
 * What Home Assistant is told about: the reader, the meter and the meters on its M-Bus, each a device of its own, with one
 * retained message for each device (or for each entity, as older versions want it). Identifiers are made of the chip's address and
 * the meter's serial number, so that no two readers meet.
 */
export interface Discovery {
	readonly options: DiscoveryOptions;
	/** The meter that was seen last, or null. */
	meter: string | null;
	identification: string;
	/** Which registers were ever seen: an entity stays when its value is missing for a while. */
	readonly seen: boolean[];
	/** Devices that were ever seen, without their values. */
	devices: MbusDevice[];
}

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
	/** Whether there is a power class account. */
	power: boolean;
}

/** One device of Home Assistant. */
interface Appliance {
	id: string;
	/** The inside of the JSON object `dev`. */
	description: string;
	groups: Group[];
}

/** Entities that come out of one topic. */
interface Group {
	topic: string;
	/** Milliseconds between two of its messages. */
	period: number;
	entities: Entity[];
}

/** After so many periods without a message a value is not shown any more. */
const patience = 3;
const mostDevices = 8;

export function createDiscovery(options: DiscoveryOptions): Discovery {
	return { options, meter: null, identification: "", seen: registers.map(() => false), devices: [] };
}

/** Takes note of what a meter's telegram has; true when something is new, so that the messages must be sent again. */
export function noteReadings(discovery: Discovery, meter: string, readings: Readings): boolean {
	const { values, devices, identification } = readings;
	let isNew = false;
	if (meter !== discovery.meter) {
		isNew = true;
		discovery.meter = meter;
		discovery.identification = identification;
		discovery.devices = [];
		discovery.seen.fill(false);
	}
	for (let at = 0; at < values.length; at += 1) {
		if (values[at] === null || discovery.seen[at]) continue;
		discovery.seen[at] = true;
		isNew = true;
	}
	for (const device of devices) {
		if (discovery.devices.length >= mostDevices || discovery.devices.some(other => isSame(other, device))) continue;
		discovery.devices.push({ ...device, value: null, time: null });
		isNew = true;
	}
	return isNew;
}

function isSame(one: MbusDevice, other: MbusDevice): boolean {
	const isNamed = one.id !== null || other.id !== null;
	const hasValve = one.valve !== null || other.valve === null;
	return one.type === other.type && hasValve && (isNamed ? one.id === other.id : one.channel === other.channel);
}

/**
 * All messages, the meter's at most 16 KB. `device` is what the reader is called in topics, and holds the chip's address;
 * `availability` the topic that says `online` or `offline`.
 */
export function encodeDiscovery(discovery: Discovery, device: string, availability: string): Message[] {
	const messages: Message[] = [];
	for (const appliance of listAppliances(discovery, device)) {
		if (discovery.options.style === "device") messages.push(encodeAppliance(discovery, appliance, availability));
		else encodeEntities(discovery, appliance, availability, messages);
	}
	return messages;
}

function listAppliances(discovery: Discovery, device: string): Appliance[] {
	const { options, meter } = discovery;
	const { base, version, statePeriod, power } = options;
	const reader = topicLevel(device);
	const diagnostics = diagnosticsTopic(base, device);
	const appliances: Appliance[] = [
		{
			id: reader,
			description: `"name":${JSON.stringify(device)},"mf":"smarty-xs","sw":${JSON.stringify(version)}`,
			groups: [{ topic: diagnostics, period: options.diagnosticsPeriod, entities: readerEntities() }],
		},
	];
	if (meter === null) return appliances;
	const id = `${reader}_${topicLevel(meter)}`;
	const topic = stateTopic(base, meter);
	const groups = [{ topic, period: statePeriod, entities: listMeterEntities(discovery.seen) }];
	if (power) groups.push({ topic: powerTopic(base, meter), period: statePeriod, entities: powerEntities() });
	const name = JSON.stringify(`smarty ${meter}`);
	const model = JSON.stringify(discovery.identification);
	const serial = JSON.stringify(meter);
	appliances.push({
		id,
		description: `"name":${name},"mdl":${model},"sn":${serial},"via_device":"${reader}"`,
		groups,
	});
	for (const known of discovery.devices) {
		const label = known.id ?? `channel ${known.channel}`;
		const title = JSON.stringify(`${known.type.replace(/_/g, " ")} meter ${label}`);
		appliances.push({
			id: `${id}_${known.type}_${topicLevel(label)}`,
			description: `"name":${title},"sn":${JSON.stringify(label)},"via_device":"${id}"`,
			groups: [{ topic, period: statePeriod, entities: deviceEntities(known) }],
		});
	}
	return appliances;
}

function describeOrigin(version: string): string {
	const [name, number] = version.split(" ");
	return `"o":{"name":${JSON.stringify(name)},"sw":${JSON.stringify(number ?? "")}}`;
}

function describeDevice({ id, description }: Appliance): string {
	return `"dev":{"ids":["${id}"],${description}}`;
}

/** Identifiers, the template and when a value is too old: what both forms have in common. */
function describeEntity(id: string, { key, body }: Entity, period: number): string {
	return `"uniq_id":"${id}_${key}",${body},"exp_aft":${Math.ceil((period * patience) / 1000)}`;
}

function encodeAppliance(discovery: Discovery, appliance: Appliance, availability: string): Message {
	const { prefix, version } = discovery.options;
	const { id, groups } = appliance;
	const parts = [`{${describeDevice(appliance)},${describeOrigin(version)},"avty_t":${JSON.stringify(availability)}`];
	parts.push(`,"stat_t":${JSON.stringify(groups[0].topic)},"cmps":{`);
	let separator = "";
	for (const { topic, period, entities } of groups) {
		const own = topic === groups[0].topic ? "" : `,"stat_t":${JSON.stringify(topic)}`;
		// Taken off the list, so that no text is held twice: on the board this is the largest message there is.
		for (let known = entities.shift(); known !== undefined; known = entities.shift()) {
			parts.push(`${separator}"${known.key}":{"p":"sensor",${describeEntity(id, known, period)}${own}}`);
			separator = ",";
		}
	}
	parts.push("}}");
	// Joined once: a text of this length is not to be copied for each of its parts.
	const payload = parts.join("");
	return { topic: `${prefix}/device/${id}/config`, payload, quality: 1, retain: true };
}

function encodeEntities(discovery: Discovery, appliance: Appliance, availability: string, messages: Message[]): void {
	const { prefix, version } = discovery.options;
	const { id, groups } = appliance;
	const shared = `${describeDevice(appliance)},${describeOrigin(version)},"avty_t":${JSON.stringify(availability)}`;
	for (const { topic, period, entities } of groups) {
		for (const known of entities) {
			const own = `${describeEntity(id, known, period)},"stat_t":${JSON.stringify(topic)}`;
			const payload = `{${own},${shared}}`;
			messages.push({ topic: `${prefix}/sensor/${id}/${known.key}/config`, payload, quality: 1, retain: true });
		}
	}
}
