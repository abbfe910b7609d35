/** Makes the firmware over its ports, starts it and stops it. */
import { type BootRecord, openBootRecord, rememberAbort } from "../health/boot-record.js";
import { createLight } from "../health/light.js";
import { createLog, type Log, note } from "../health/log.js";
import { createMemoryWatch } from "../health/memory.js";
import { staleMs } from "../health/meter.js";
import { createRecovery } from "../health/recovery.js";
import { type History, openHistory } from "../history/history.js";
import type { LorawanPart } from "../lorawan/part-type.js";
import { createDiscovery, type Discovery, isAllTold } from "../messages/homeassistant/discovery.js";
import { fingerprintKeys } from "../p1/fingerprint.js";
import { createKeys } from "../p1/keys.js";
import { defaultAuthenticationKey, finish } from "../p1/reader.js";
import { createFrameCounters } from "../p1/replay.js";
import type { Ports } from "../ports/ports.js";
import {
	type CheckedSettings,
	checkSettings,
	mergeSettings,
	readConfiguration,
	type Settings,
} from "../settings/settings.js";
import { openSettingsStorage } from "../settings/storage.js";
import { createOutbox } from "../uplink/outbox.js";
import { createTimeServer, type TimeServer } from "../uplink/time-server.js";
import { findTrustProblem } from "../uplink/trust.js";
import { createUplink, hasBroker } from "../uplink/uplink.js";
import { openConsole } from "./console.js";
import { keepCounters, restoreCounters } from "./counters.js";
import { FirmwareEvents } from "./events.js";
import { guard, noteException } from "./guard.js";
import { describeTelegrams } from "./line-report.js";
import { openLines } from "./lines.js";
import { createLora } from "./lora.js";
import { closeOpenings } from "./openings.js";
import { limitOutbox } from "./publish.js";
import { createPulses, keepPulses, sameMs } from "./pulses.js";
import { diagnosticsMs, onAlarm, wake } from "./run.js";
import { createServers } from "./servers.js";
import { leaveSetUp, openEntry, openSetUp } from "./setup.js";
import type { Firmware } from "./state.js";
import { isAnyReading } from "./steps.js";
import { isOffering, openUpdates, whyNoUpdates } from "./update.js";
import { hasValues } from "./values.js";
import { createLines, longestInterval } from "./wiring.js";

const logLimit = 64;
/** How long the goodbye may take, and how often a stop looks whether it is said. */
const farewellMs = 1_000;
const lookMs = 20;
/** In a row. */
const mostFailed = 2;

/**
 * Reads the settings and makes all that is needed; nothing runs before `startFirmware`. `config` is what the build gave, `part` what it
 * brings for a LoRa radio.
 */
export function createFirmware(
	config: Readonly<Record<string, unknown>>,
	ports: Ports,
	part: LorawanPart | null = null,
): Firmware {
	const now = ports.clock.now();
	const log = createLog(logLimit);
	const storage = openSettingsStorage(ports.store);
	const built = readConfiguration(config);
	const checked = checkSettings(mergeSettings(storage.values, built), ports.medium, ports.device.capacity.heap);
	const problem = findTrustProblem(checked.settings, ports);
	if (problem !== null) checked.problems.push(problem);
	const entry = openEntry(ports, checked.settings, log);
	const history = openAnyHistory(ports, checked.settings.base, log);
	const events = new FirmwareEvents();
	const lora = createLora(part, config, ports, checked.settings, history, checked.problems, events);
	const isUpdated = isOffering(checked.settings.integrations, ports);
	const reason = whyNoUpdates(ports);
	if (checked.settings.integrations.updateUrl !== null && reason !== null)
		checked.problems.push(`updateUrl is set, and there are no updates: ${reason}.`);
	const bootRecord = openBootRecord(ports.store, ports.device.resetReason);
	const isTooMuch = areServersTooMuch(bootRecord, checked);
	const discovery = openDiscovery(checked.settings, ports.device.version, isUpdated);
	const outbox = createOutbox(0, history, events);
	const uplink = createUplink(ports, checked.settings, outbox, log, events);
	const { keys: all, authenticationKey } = checked.settings;
	const keys = createKeys(all, ports.createCipher ?? null);
	const firmware: Firmware = {
		ports,
		storage,
		built,
		checked,
		bootRecord,
		log,
		lines: [],
		wires: [],
		fingerprints: fingerprintKeys(keys, authenticationKey ?? defaultAuthenticationKey()),
		stepping: 0,
		meters: [],
		newcomers: new Map(),
		endedBy: null,
		light: createLight(now),
		recovery: createRecovery(now),
		memory: createMemoryWatch(now),
		history,
		outbox,
		uplink,
		discovery,
		timeServer: openTimeServer(checked.settings, ports, now),
		pulses: createPulses(ports, checked.settings.pulses, now),
		lora,
		hasRadio: part !== null,
		servers: createServers(checked.settings.integrations, ports, events, isTooMuch || entry?.reason != null),
		constants: null,
		ring: () => onAlarm(firmware),
		alarm: null,
		alarmTime: Infinity,
		runTime: Infinity,
		steps: 0,
		isWriting: false,
		longestRun: 0,
		// A flash that is there and cannot be read.
		exceptions: ports.flash !== null && history.quarters === null ? 1 : 0,
		refused: 0,
		nextLook: now,
		nextDiagnostics: now,
		absentTime: now + staleMs,
		clockDifference: null,
		forgotten: null,
		identifyTime: 0,
		restartTime: Infinity,
		stopped: false,
		updates: openUpdates(ports, log, now),
		entry,
		setup: null,
		improv: null,
	};
	events.firmware = firmware;
	createLines(firmware, keys, createFrameCounters(), now);
	restoreCounters(firmware);
	limitOutbox(firmware);
	openSetUp(firmware);
	return firmware;
}

/**
 * A board whose program gives up again and again, usually because these settings need more memory than there is, is to read its meters
 * at least. The next start tries again.
 */
function areServersTooMuch({ failedRuns }: BootRecord, { settings, problems }: CheckedSettings): boolean {
	const { webPort, telegramPorts } = settings.integrations;
	if (failedRuns < mostFailed || (webPort === null && telegramPorts.length === 0)) return false;
	problems.push("The program gave up twice in a row: webPort and telegramPort wait for another start.");
	return true;
}

/** Null where a meter tells the time, or the clock is right by itself. */
function openTimeServer({ plugs, timeServer }: Settings, { clock }: Ports, now: number): TimeServer | null {
	const needsNone = plugs.length > 0 || clock.isRight === true || timeServer === null;
	return needsNone ? null : createTimeServer(timeServer, now);
}

/** Null where Home Assistant is told nothing: entities show fields of the state message. */
function openDiscovery(
	{ base, integrations, plugs, pulses }: Settings,
	version: string,
	update: boolean,
): Discovery | null {
	const { period, discovery: style, discoveryPrefix: prefix, layouts } = integrations;
	if (style === "off" || !layouts.includes("json")) return null;
	return createDiscovery({
		style,
		prefix,
		base,
		version,
		statePeriod: Math.max(period, longestInterval(plugs)),
		diagnosticsPeriod: diagnosticsMs,
		update,
		counters: pulses.map(({ name }) => name),
		counterPeriod: sameMs,
	});
}

/** A flash that cannot be read costs the history its memory over restarts, and nothing else. */
function openAnyHistory(ports: Ports, base: string, log: Log): History {
	try {
		return openHistory(ports.flash, base);
	} catch (error) {
		note(log, `the flash cannot be read: ${error instanceof Error ? error.message : error}`, ports.clock.now());
		return openHistory(null, base);
	}
}

/** Opens the ports and begins to run. Never throws. */
export function startFirmware(firmware: Firmware): void {
	const { ports, log, storage, checked, bootRecord } = firmware;
	const now = ports.clock.now();
	note(log, `${ports.device.version}, boot ${bootRecord.boots}: ${ports.device.resetReason}`, now);
	if (storage.damaged) note(log, "one generation of the settings was not whole; the other one counts", now);
	for (const problem of checked.problems) note(log, problem, now);
	guard(firmware, "console", openConsole, null);
	openLines(firmware, now);
	wake(firmware);
}

/**
 * Says goodbye to the broker, closes the servers and takes the request for data back. Then nothing runs any more, and `onStopped`
 * is called: as soon as the connection is closed, or after a second. To be called again does no harm.
 */
export function stopFirmware(firmware: Firmware, onStopped: () => void): void {
	const { uplink, lines } = firmware;
	const { clock } = firmware.ports;
	const deadline = clock.now() + farewellMs;
	const look = () => {
		const isClosed = uplink.connection === null && uplink.abandoned.length === 0;
		if (!isClosed && clock.now() < deadline) {
			clock.setAlarm(lookMs, look);
			return;
		}
		firmware.stopped = true;
		guard(firmware, "store", keepCounters, null);
		keepPulses(firmware);
		onStopped();
	};
	uplink.leaving = true;
	closeOpenings(firmware);
	leaveSetUp(firmware);
	for (const { request } of lines) guard(firmware, "line", () => request?.write(false), null);
	wake(firmware);
	clock.setAlarm(lookMs, look);
}

/** Whether all is read that came, and all is published that there is to publish: nothing waits or is in flight, late readings included. Without a broker: true. */
export function isIdle(firmware: Firmware): boolean {
	const { uplink, outbox, history, discovery } = firmware;
	if (isAnyReading(firmware)) return false;
	if (!hasBroker(uplink)) return true;
	const { current, inFlight } = uplink.delivery;
	const { recent, quarters, due } = history;
	const isSent = outbox.waiting.length === 0 && current === null && inFlight.length === 0 && !hasValues(firmware);
	const isLate = recent.waiting > 0 || due.length > 0 || quarters?.pending === true;
	return isSent && !isLate && (discovery === null || isAllTold(discovery));
}

/** The input is at its end, as a capture's is: what is held is read as if nothing could follow. Tells what came in all. */
export function finishInput({ lines, wires }: Firmware): { telegrams: number; summary: string } {
	let telegrams = 0;
	for (const { reader } of wires) finish(reader);
	for (const { tally } of lines) telegrams += tally.counters.telegrams;
	return { telegrams, summary: lines.map(({ tally }) => describeTelegrams(tally)).join("; ") };
}

/** Something of the world outside that a person should hear of, such as a port that is in use. */
export function noteTrouble({ log, ports }: Firmware, text: string): void {
	note(log, text, ports.clock.now());
}

/**
 * For the hook of XS that is called before it gives up. True lets it restart; false, after an exception that nobody caught,
 * goes on. What nothing can be done about (the heap is full) leaves a note for the next boot.
 */
export function abortFirmware(firmware: Firmware, reason: string, error?: unknown): boolean {
	const text = error instanceof Error ? `${reason}: ${error.message}` : reason;
	const survives = reason.startsWith("unhandled");
	if (survives) {
		firmware.bootRecord.lastAbort = text;
		noteException(firmware, "abort", error ?? reason);
	} else {
		rememberAbort(firmware.bootRecord, firmware.ports.store, text);
	}
	return !survives;
}
