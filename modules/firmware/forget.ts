/** Clears what the broker retains of a meter or a reader that is gone. */
import { forgetSlot } from "../health/boot-record.js";
import type { Message } from "../messages/chunks.js";
import { removeMeter } from "../messages/homeassistant/discovery.js";
import { listMeterTopics, listReaderTopics, type RetainedMeter, type RetainedRoots } from "../messages/retained.js";
import { readerName } from "../uplink/names.js";
import { wake } from "./run.js";
import type { Firmware } from "./state.js";

/** The console's word for this reader itself. */
const self = "reader";
const readerPrefix = "smarty-xs-";

/**
 * Begins to clear the topics of the meter or the reader of this name; what the console answers. A meter need not be known: it may be
 * gone for long.
 */
export function forget(firmware: Firmware, name: string): string[] {
	const { uplink, meters } = firmware;
	const own = readerName(uplink);
	if (name === "") return ["forget what? A meter's number, a reader's name (smarty-xs-…), or reader for this one."];
	if (own === null) return ["not now: the network has not told this reader's name yet."];
	const found = meters.find(meter => meter.name === name);
	if (found?.online)
		return [`${name} sends, and would be back at once. Take its plug out, and wait until it is silent.`];
	const roots = { base: uplink.settings.base, prefix: firmware.checked.settings.integrations.discoveryPrefix };
	const isReader = name === self || name.startsWith(readerPrefix);
	firmware.forgotten = isReader
		? listReaderTopics(roots, name === self ? own : name, listKnown(firmware), listCounters(firmware))
		: clearMeter(firmware, roots, own, name);
	wake(firmware);
	const back = name === self || name === own ? "; this reader's own are back when it connects again" : "";
	return [`the topics of ${isReader && name === self ? own : name} are cleared as soon as nothing else waits${back}`];
}

/** Also out of the memory, so that it is not said to be offline for ever. */
function clearMeter(firmware: Firmware, roots: RetainedRoots, reader: string, name: string): Iterator<string, void> {
	const { meters, discovery, bootRecord, ports } = firmware;
	const topics = listMeterTopics(roots, reader, describeMeter(firmware, name));
	const at = meters.findIndex(meter => meter.name === name);
	if (at >= 0) {
		const known = meters[at]!.discovery;
		if (discovery !== null && known !== null) removeMeter(discovery, known);
		meters.splice(at, 1);
	}
	forgetSlot(bootRecord, ports.store, name);
	return topics;
}

/** All meters that are remembered, with what was heard of them since the boot. */
function listKnown(firmware: Firmware): RetainedMeter[] {
	const names = new Set(firmware.meters.map(({ name }) => name));
	for (const name of firmware.bootRecord.meters) if (name !== null) names.add(name);
	return Array.from(names, name => describeMeter(firmware, name));
}

function listCounters({ pulses }: Firmware): string[] {
	return pulses.lines.map(({ counter }) => counter.name);
}

function describeMeter({ meters }: Firmware, name: string): RetainedMeter {
	const discovery = meters.find(meter => meter.name === name)?.discovery;
	return { name, devices: discovery?.devices ?? [] };
}

/** An empty retained message clears a topic (MQTT 3.1.1, 3.3.1.3). Null when nothing is to be cleared. */
export function takeForgotten(firmware: Firmware): Message | null {
	const next = firmware.forgotten?.next();
	if (next === undefined) return null;
	if (next.value !== undefined) return { topic: next.value, payload: "", quality: 1, retain: true };
	firmware.forgotten = null;
	return null;
}
