/** What Home Assistant is told about: the reader, its meters, and the meters on their M-Bus. */
import { usualCount } from "../../p1/obis.js";
import type { MbusDevice, Readings } from "../../p1/readings.js";
import type { Announcer, Message, Payload } from "../chunks.js";
import {
	countEntities,
	type DiscoveryOptions,
	describeCounter,
	describeMbusDevice,
	describeMeter,
	describeReader,
	encodeDevice,
	encodeEntity,
	type HomeAssistantDevice,
} from "./device.js";

/**
 * Each of them is a device of Home Assistant, with one retained message for each device (or for each entity, as older versions
 * want it). Identifiers are made of the chip's address and the meter's serial number, so that no two readers meet.
 */
export interface Discovery extends Announcer {
	readonly options: DiscoveryOptions;
	readonly meters: MeterDiscovery[];
	/** The reader's name in topics, which holds the chip's address; null until all is to be told for the first time. */
	reader: string | null;
	/** Of the reader's pages; null where it has none. */
	url: string | null;
	/** The reader is still to be told about. */
	pending: boolean;
	/** What is being told, or null between two. */
	pass: AnnouncementPass | null;
}

/** What is known of one meter. */
export interface MeterDiscovery {
	/** Its name in topics. */
	readonly name: string;
	/** It has a power class account. */
	readonly power: boolean;
	/** What people call it, or null. */
	readonly label: string | null;
	identification: string;
	/** Which of the usual registers were ever seen: an entity stays when its value is missing for a while. */
	readonly seen: Uint8Array;
	/** Which of the other registers were. */
	readonly others: number[];
	/** Devices that were ever seen on its M-Bus, without their values. */
	readonly devices: MbusDevice[];
	/** It is still to be told about, from the beginning. */
	pending: boolean;
}

/** One telling about the reader or about one meter, a message at a time. */
interface AnnouncementPass {
	/** Null for the reader. */
	readonly meter: MeterDiscovery | null;
	/** The device that comes next: the reader or the meter itself, then the counters or the meters on its bus; and the entity of it. */
	device: number;
	entity: number;
}

const mostDevices = 8;

export function createDiscovery(options: DiscoveryOptions): Discovery {
	return new DeviceDiscovery(options);
}

/** A class, whose method lies in flash. */
class DeviceDiscovery implements Discovery {
	readonly options: DiscoveryOptions;
	readonly meters: MeterDiscovery[] = [];
	reader: string | null = null;
	url: string | null = null;
	pending = false;
	pass: AnnouncementPass | null = null;

	constructor(options: DiscoveryOptions) {
		this.options = options;
	}

	/** The next message, or null when everything is told. Nothing is told before `announceAll` was called once. */
	takeAnnouncement(): Message<Payload> | null {
		for (;;) {
			const pass = beginPass(this);
			if (pass === null) return null;
			const device = describeNext(this, pass);
			if (device !== null) return encodeNext(this, pass, device);
			this.pass = null;
		}
	}
}

/** Another meter, which is told about when its first telegram has shown what it has. */
export function addMeter(
	discovery: Discovery,
	name: string,
	power = false,
	label: string | null = null,
): MeterDiscovery {
	const seen = new Uint8Array(usualCount);
	const meter = { name, power, label, identification: "", seen, others: [], devices: [], pending: false };
	discovery.meters.push(meter);
	return meter;
}

/** The meter is not told about any more. What Home Assistant has of it stays there. */
export function removeMeter(discovery: Discovery, meter: MeterDiscovery): void {
	discovery.meters.splice(discovery.meters.indexOf(meter), 1);
	if (discovery.pass?.meter === meter) discovery.pass = null;
}

/** Takes note of what the meter's telegram has; what is new makes its messages be sent again. True when there is anything new. */
export function noteReadings(meter: MeterDiscovery, readings: Readings): boolean {
	const { values, others, devices, identification } = readings;
	let isNew = meter.identification !== identification;
	meter.identification = identification;
	for (let at = 0; at < values.length; at += 1) {
		if (values[at] === null || meter.seen[at] === 1) continue;
		meter.seen[at] = 1;
		isNew = true;
	}
	for (const { at } of others) {
		if (meter.others.includes(at)) continue;
		meter.others.push(at);
		isNew = true;
	}
	for (const device of devices) {
		if (meter.devices.length >= mostDevices || meter.devices.some(other => isSame(other, device))) continue;
		meter.devices.push({ ...device, value: null, time: null });
		isNew = true;
	}
	if (isNew) meter.pending = true;
	return isNew;
}

function isSame(one: MbusDevice, other: MbusDevice): boolean {
	const isNamed = one.id !== null || other.id !== null;
	const hasValve = one.valve !== null || other.valve === null;
	return one.type === other.type && hasValve && (isNamed ? one.id === other.id : one.channel === other.channel);
}

/** Tells everything, from the beginning: `takeAnnouncement` gives the messages. `reader` is what the reader is called in topics, `url`
 * where its pages are. */
export function announceAll(discovery: Discovery, reader: string, url: string | null = null): void {
	discovery.reader = reader;
	discovery.url = url;
	discovery.pending = true;
	discovery.pass = null;
	for (const meter of discovery.meters)
		meter.pending = meter.seen.includes(1) || meter.others.length > 0 || meter.devices.length > 0;
}

/** Whether everything that is known is told. */
export function isAllTold({ pending, pass, meters }: Discovery): boolean {
	return pass === null && !pending && !meters.some(meter => meter.pending);
}

/** The pass that goes on, or the one that is next: the reader, then the meters. A meter that has something new begins again. */
function beginPass(discovery: Discovery): AnnouncementPass | null {
	const { pass } = discovery;
	if (discovery.reader === null) return null;
	if (pass !== null && !(pass.meter ?? discovery).pending) return pass;
	const first = discovery.pending ? null : discovery.meters.find(({ pending }) => pending);
	const meter = pass === null ? first : pass.meter;
	if (meter === undefined) return null;
	(meter ?? discovery).pending = false;
	discovery.pass = { meter, device: 0, entity: 0 };
	return discovery.pass;
}

/** Places of all registers that were seen, in the order of the table. */
function listKnown({ seen, others }: MeterDiscovery): number[] {
	const known: number[] = [];
	for (let at = 0; at < seen.length; at += 1) if (seen[at] === 1) known.push(at);
	return known.concat(others.slice().sort((one, other) => one - other));
}

function describeNext(
	{ options, reader, url }: Discovery,
	{ meter, device }: AnnouncementPass,
): HomeAssistantDevice | null {
	if (meter === null) {
		if (device === 0) return describeReader(options, reader!, url);
		return device <= options.counters.length ? describeCounter(options, reader!, options.counters[device - 1]) : null;
	}
	const { name, devices } = meter;
	if (device === 0) return describeMeter(options, reader!, name, meter, listKnown(meter));
	return device <= devices.length ? describeMbusDevice(options, reader!, name, devices[device - 1]) : null;
}

function encodeNext({ options }: Discovery, pass: AnnouncementPass, device: HomeAssistantDevice): Message<Payload> {
	if (options.style === "device") {
		pass.device += 1;
		return encodeDevice(options, device);
	}
	const message = encodeEntity(options, device, pass.entity);
	pass.entity += 1;
	if (pass.entity >= countEntities(device)) {
		pass.device += 1;
		pass.entity = 0;
	}
	return message;
}
