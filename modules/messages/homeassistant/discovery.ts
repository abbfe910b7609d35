import { usualCount } from "../../p1/obis.js";
import type { MbusDevice, Readings } from "../../p1/readings.js";
import type { Announcer, Message, Payload } from "../chunks.js";
import {
	countEntities,
	type DiscoveryOptions,
	describeMbusDevice,
	describeMeter,
	describeReader,
	encodeDevice,
	encodeEntity,
	type HomeAssistantDevice,
} from "./device.js";

/**
 * What Home Assistant is told about: the reader, the meter and the meters on its M-Bus, each a device of its own, with one
 * retained message for each device (or for each entity, as older versions want it). Identifiers are made of the chip's address and
 * the meter's serial number, so that no two readers meet.
 */
export interface Discovery extends Announcer {
	readonly options: DiscoveryOptions;
	/** The meter that was seen last, or null. */
	meter: string | null;
	identification: string;
	/** Which of the usual registers were ever seen: an entity stays when its value is missing for a while. */
	readonly seen: boolean[];
	/** Which of the other registers were. */
	others: number[];
	/** Devices that were ever seen, without their values. */
	devices: MbusDevice[];
	/** What is being told, or null when all was. */
	pass: AnnouncementPass | null;
}

/** One telling of everything, a message at a time. */
interface AnnouncementPass {
	/** What the reader is called in topics; it holds the chip's address. */
	readonly device: string;
	/** The topic that says `online` or `offline`. */
	readonly availability: string;
	/** The appliance that comes next: the reader, the meter, then the meters on its bus; and the entity of it. */
	appliance: number;
	entity: number;
}

const mostDevices = 8;

export function createDiscovery(options: DiscoveryOptions): Discovery {
	const discovery: Discovery = {
		options,
		meter: null,
		identification: "",
		seen: new Array<boolean>(usualCount).fill(false),
		others: [],
		devices: [],
		pass: null,
		takeAnnouncement: () => takeAnnouncement(discovery),
	};
	return discovery;
}

/** Takes note of what a meter's telegram has; true when something is new, so that the messages must be sent again. */
export function noteReadings(discovery: Discovery, meter: string, readings: Readings): boolean {
	const { values, others, devices, identification } = readings;
	let isNew = false;
	if (meter !== discovery.meter) {
		isNew = true;
		discovery.meter = meter;
		discovery.identification = identification;
		discovery.devices = [];
		discovery.seen.fill(false);
		discovery.others = [];
	}
	for (let at = 0; at < values.length; at += 1) {
		if (values[at] === null || discovery.seen[at]) continue;
		discovery.seen[at] = true;
		isNew = true;
	}
	for (const { at } of others) {
		if (discovery.others.includes(at)) continue;
		discovery.others.push(at);
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
 * Tells everything, from the beginning: `takeAnnouncement` gives the messages. `device` is what the reader is called in topics,
 * and holds the chip's address; `availability` the topic that says `online` or `offline`.
 */
export function beginPass(discovery: Discovery, device: string, availability: string): void {
	discovery.pass = { device, availability, appliance: 0, entity: 0 };
}

/** The next message of the pass, or null behind its last. */
function takeAnnouncement(discovery: Discovery): Message<Payload> | null {
	const { pass, options } = discovery;
	const appliance = pass === null ? null : describeNext(discovery, pass);
	if (pass === null || appliance === null) {
		discovery.pass = null;
		return null;
	}
	if (options.style === "device") {
		pass.appliance += 1;
		return encodeDevice(options, appliance, pass.availability);
	}
	const message = encodeEntity(options, appliance, pass.availability, pass.entity);
	pass.entity += 1;
	if (pass.entity >= countEntities(appliance)) {
		pass.appliance += 1;
		pass.entity = 0;
	}
	return message;
}

/** Places of all registers that were seen, in the order of the table. */
function listKnown({ seen, others }: Discovery): number[] {
	const known: number[] = [];
	for (let at = 0; at < seen.length; at += 1) if (seen[at]) known.push(at);
	return known.concat(others.slice().sort((one, other) => one - other));
}

function describeNext(discovery: Discovery, { device, appliance: at }: AnnouncementPass): HomeAssistantDevice | null {
	const { options, meter, identification, devices } = discovery;
	if (at === 0) return describeReader(options, device);
	if (meter === null || at - 2 >= devices.length) return null;
	if (at === 1) return describeMeter(options, device, meter, identification, listKnown(discovery));
	return describeMbusDevice(options, device, meter, devices[at - 2]);
}
