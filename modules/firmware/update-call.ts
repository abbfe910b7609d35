/**
 * What `updateUrl` offers, a signed update in the house: looked for twice a day, and installed when Home Assistant says so. The file is
 * fetched as it is, over plain HTTP: nothing is believed but its signature, and nothing is installed that is not newer.
 */
import { note } from "../health/log.js";
import { updateTopic } from "../messages/topics.js";
import type { FileAddress } from "../settings/address.js";
import { createAnswer, readHead } from "../update/answer.js";
import { headerLength, readHeader } from "../update/header.js";
import { abandonUpdate, createReceiver, type Receiver, receiveUpdate } from "../update/receiver.js";
import { readerName } from "../uplink/names.js";
import { offer } from "../uplink/outbox.js";
import { guard } from "./guard.js";
import type { Firmware, UpdateCall } from "./state.js";
import { completeUpdate, isOffering } from "./update.js";

/** Between two looks, and after one that failed. */
const lookMs = 12 * 3_600_000;
const againMs = 3_600_000;
/** The name to be resolved, the connection to stand and the answer to begin. */
const answerMs = 30_000;
/** Each KB of it to come. */
const progressMs = 10_000;
const progress = 1_024;
/** Percent between two messages about it. */
const step = 10;

/** Somebody wants what is offered: it is fetched with the next run. */
export function installOffered(firmware: Firmware): void {
	firmware.updates.isWanted = true;
}

/** Begins a call when it is time, and gives up one that does not go on. */
export function runUpdateCall(firmware: Firmware, now: number): void {
	const { updates, checked, ports, uplink, restartTime } = firmware;
	const { integrations } = checked.settings;
	if (!isOffering(integrations, ports)) return;
	if (updates.call !== null) {
		if (now >= updates.call.deadline) fail(firmware, "no answer in time");
		return;
	}
	if (now < updates.callTime && !updates.isWanted) return;
	if (uplink.supervisor.state !== "ready" || restartTime !== Infinity) return;
	if (updates.trial !== null || updates.receiver !== null) return;
	begin(firmware, integrations.updateUrl!, now);
}

function begin(firmware: Firmware, { host, port, path }: FileAddress, now: number): void {
	const { updates, ports, uplink } = firmware;
	const call: UpdateCall = {
		installs: updates.isWanted,
		answer: createAnswer(),
		receiver: null,
		stream: null,
		isAsked: false,
		deadline: now + answerMs,
		mark: 0,
		told: 0,
	};
	updates.isWanted = false;
	updates.call = call;
	updates.callTime = now + lookMs;
	// What comes after the end of this call is nothing to it.
	const during = (work: () => void) => {
		if (updates.call !== call || guard(firmware, "update", work, null)) return;
		fail(firmware, "it could not be written");
	};
	const name = port === 80 ? host : `${host}:${port}`;
	const request = ports.encode(`GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
	call.stream = ports.dial!(host, port, uplink.network?.nameServers ?? [], {
		onWritable: () =>
			during(() => {
				if (call.isAsked) return;
				call.isAsked = true;
				if (call.stream!.write(request, 0, request.length) < request.length) fail(firmware, "no room to ask");
			}),
		onData: (bytes, count) => during(() => receive(firmware, call, bytes, count)),
		onEnd: () => during(() => fail(firmware, "the connection ended")),
	});
	if (call.installs) offerUpdateState(firmware);
}

function receive(firmware: Firmware, call: UpdateCall, bytes: Uint8Array, count: number): void {
	const { updates, ports } = firmware;
	const program = ports.program!;
	let at = 0;
	if (call.receiver === null) {
		const place = readHead(call.answer, bytes, 0, count);
		const { length } = call.answer;
		if (typeof place === "string") fail(firmware, place);
		if (typeof place === "string" || length === null) return;
		call.receiver = createReceiver(program, length, program.sequence + 1);
		// Nobody else may write the slot meanwhile.
		if (call.installs) updates.receiver = call.receiver;
		at = place;
	}
	const { receiver } = call;
	// The header first and alone: it is all that a look wants.
	const middle = receiver.header === null ? Math.min(count, at + headerLength - receiver.count) : at;
	const refusal = receiveUpdate(receiver, bytes, at, middle);
	if (refusal !== null) refuse(firmware, receiver, refusal);
	else if (receiver.header !== null && !call.installs) end(firmware, receiver.header.version);
	else if (middle < count) receiveImage(firmware, receiver, bytes, middle, count);
	if (updates.call === call) noteProgress(firmware, call);
}

function receiveImage(firmware: Firmware, receiver: Receiver, bytes: Uint8Array, start: number, count: number): void {
	// What comes behind its end is none of it.
	const damage = receiveUpdate(receiver, bytes, start, Math.min(count, start + receiver.length - receiver.count));
	if (damage !== null) fail(firmware, damage);
	else if (receiver.count >= receiver.length) finish(firmware, receiver);
}

/** A header that is not taken: of what is installed, or of nothing for us. */
function refuse(firmware: Firmware, { headerBytes }: Receiver, refusal: string): void {
	const { device, program } = firmware.ports;
	const header = readHeader(headerBytes);
	const isOurs = header !== null && header.board === program!.board && header.sequence <= program!.sequence;
	if (isOurs) end(firmware, versionOf(device.version));
	else fail(firmware, refusal);
}

function noteProgress(firmware: Firmware, call: UpdateCall): void {
	const { count, length } = call.receiver!;
	if (count >= call.mark + progress) {
		call.mark = count;
		call.deadline = firmware.ports.clock.now() + progressMs;
	}
	const percent = Math.floor((100 * count) / length);
	if (percent < call.told + step) return;
	call.told = percent;
	offerUpdateState(firmware);
}

function finish(firmware: Firmware, receiver: Receiver): void {
	const done = completeUpdate(firmware, receiver);
	if (typeof done === "string") fail(firmware, done);
	else end(firmware, done.version);
}

function fail(firmware: Firmware, reason: string): void {
	const { updates, log, ports } = firmware;
	const now = ports.clock.now();
	note(log, `update: updateUrl: ${reason}`, now);
	updates.callTime = now + againMs;
	end(firmware, updates.offered);
}

/** The call is over, and `offered` is what it found. */
function end(firmware: Firmware, offered: string | null): void {
	const { updates, restartTime } = firmware;
	const { call } = updates;
	updates.call = null;
	if (call === null) return;
	call.stream?.close();
	if (call.receiver !== null) {
		if (updates.receiver === call.receiver) updates.receiver = null;
		abandonUpdate(call.receiver);
	}
	updates.offered = offered;
	// Until a restart it goes on.
	if (restartTime === Infinity) offerUpdateState(firmware);
}

/** For Home Assistant's `update` entity. */
export function offerUpdateState({ updates, uplink, outbox, ports, checked }: Firmware): void {
	const reader = readerName(uplink);
	if (reader === null || !isOffering(checked.settings.integrations, ports)) return;
	const { call, offered } = updates;
	const isUnderWay = call?.installs === true;
	const payload = JSON.stringify({
		installed_version: versionOf(ports.device.version),
		latest_version: offered ?? undefined,
		in_progress: isUnderWay,
		update_percentage: isUnderWay ? call.told : null,
	});
	const topic = updateTopic(checked.settings.base, reader);
	offer(outbox, { topic, payload, quality: 1, retain: true, sequence: null, late: false });
}

/** `smarty-xs 0.1.0` is 0.1.0. */
function versionOf(version: string): string {
	return version.slice(version.lastIndexOf(" ") + 1);
}
