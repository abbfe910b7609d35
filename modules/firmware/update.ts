/** Updates: what comes over HTTP goes into the other slot, and a program that is new is kept or given up. */
import { expectRestart } from "../health/boot-record.js";
import { type Log, note } from "../health/log.js";
import type { Ports } from "../ports/ports.js";
import type { Program } from "../ports/program.js";
import type { IntegrationSettings } from "../settings/integrations.js";
import { headerLength } from "../update/header.js";
import { abandonUpdate, createReceiver, finishUpdate, type Receiver, receiveUpdate } from "../update/receiver.js";
import { forgetUpdate, listMissing, recallUpdate, rememberUpdate, trialMs, type Working } from "../update/trial.js";
import { isOnline } from "../uplink/uplink.js";
import { type BodySink, explain, type Response } from "../web/response.js";
import { planRestart } from "./restart.js";
import type { Firmware, Updates } from "./state.js";

/** A new program that knows of nothing before it. */
const least: Working = Object.freeze({ network: true, reachable: false, settings: false, meter: false });

/** Until `updateUrl` is looked at after a boot. */
const firstCallMs = 60_000;

/** Why this program is not replaced by an update, in words; null where it can be. */
export function whyNoUpdates({ program }: Ports): string | null {
	if (program === undefined) return "others replace this program";
	return program.keys.length === 0 ? "this program was built without a key for updates" : null;
}

/** Whether there is a place for updates in the house, and a key to know them by. */
export function isOffering({ updateUrl }: IntegrationSettings, ports: Ports): boolean {
	return updateUrl !== null && ports.dial !== undefined && whyNoUpdates(ports) === null;
}

/** At the boot: says what became of an update. */
export function openUpdates({ program, store, device }: Ports, log: Log, now: number): Updates {
	const record = recallUpdate(store);
	const updates: Updates = {
		receiver: null,
		trial: null,
		trialEnd: Infinity,
		call: null,
		callTime: now + firstCallMs,
		isWanted: false,
		offered: null,
	};
	if (program?.isOnTrial() === true) {
		updates.trial = record?.wanted ?? least;
		updates.trialEnd = now + trialMs;
		note(
			log,
			`update: ${device.version} is new, and kept as soon as all works that worked before; do not restart`,
			now,
		);
	} else if (record !== null) {
		const isNew = device.version.endsWith(` ${record.to}`);
		note(log, isNew ? `update: ${record.to} is kept` : `update: ${record.to} was given up for ${device.version}`, now);
		forgetUpdate(store);
	}
	return updates;
}

/** Keeps a new program, or gives it up when its time is over. */
export function runTrial(firmware: Firmware, now: number): void {
	const { updates, ports, log } = firmware;
	const { program, store, device } = ports;
	if (updates.trial === null || program === undefined) return;
	const missing = listMissing(updates.trial, whatWorks(firmware));
	if (missing.length > 0 && now < updates.trialEnd) return;
	updates.trial = null;
	if (missing.length > 0) {
		note(log, `update: ${device.version} is given up: ${missing.join(", ")} did not come back`, now);
		expectRestart(firmware.bootRecord, firmware.ports.store);
		program.giveUp();
		note(log, "update: there is no program before this one", now);
	}
	program.keep();
	forgetUpdate(store);
	note(log, `update: ${device.version} is kept`, now);
}

function whatWorks({ uplink, servers, storage, meters }: Firmware): Working {
	const network = uplink.supervisor.state === "ready";
	const isServed = servers.openings.some(({ isOpen, listener }) => isOpen && listener === null);
	return {
		network,
		reachable: isOnline(uplink) || (network && isServed),
		settings: storage.values.some(value => value !== null),
		meter: meters.length > 0,
	};
}

/** Who takes an update of so many bytes, header included, or why nobody does. */
export function takeUpdate(firmware: Firmware, length: number): BodySink | Response {
	const { updates, ports, restartTime } = firmware;
	const { program } = ports;
	const reason = whyNoUpdates(ports);
	if (program === undefined || reason !== null) return explain(403, `No updates: ${reason}.\n`);
	if (updates.trial !== null) return explain(503, "This program is new itself and not kept yet.\n");
	if (updates.receiver !== null || restartTime !== Infinity) return explain(409, "An update is under way.\n");
	if (length <= headerLength) return explain(422, "This is no update for this kind of reader.\n");
	return createSink(firmware, program, length);
}

function createSink(firmware: Firmware, program: Program, length: number): BodySink {
	const { updates } = firmware;
	const receiver = createReceiver(program, length);
	updates.receiver = receiver;
	const release = () => {
		if (updates.receiver === receiver) updates.receiver = null;
		abandonUpdate(receiver);
	};
	return {
		onBytes(bytes, start, end) {
			const refusal = receiveUpdate(receiver, bytes, start, end);
			if (refusal === null) return null;
			release();
			return refuse(firmware, refusal);
		},
		onEnd() {
			try {
				return finish(firmware, receiver);
			} finally {
				release();
			}
		},
		onAbort: release,
	};
}

function finish(firmware: Firmware, receiver: Receiver): Response {
	const done = completeUpdate(firmware, receiver);
	if (typeof done === "string") return refuse(firmware, done);
	return explain(
		200,
		`${done.version} is written. The reader restarts and keeps it as soon as all works that worked before.\n`,
	);
}

/** After the last byte: the next program is tried from the restart on, which is planned; or a sentence why none is. */
export function completeUpdate(firmware: Firmware, receiver: Receiver): { readonly version: string } | string {
	const { ports, log } = firmware;
	const done = finishUpdate(receiver);
	if (typeof done === "string") return done;
	rememberUpdate(ports.store, { to: done.version, wanted: whatWorks(firmware) });
	note(log, `update: ${done.version} is written, and tried after the restart`, ports.clock.now());
	planRestart(firmware);
	return done;
}

function refuse({ log, ports }: Firmware, sentence: string): Response {
	note(log, `update: refused. ${sentence}`, ports.clock.now());
	return explain(422, `${sentence}\n`);
}
