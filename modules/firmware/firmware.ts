import { openBootRecord, rememberAbort } from "../health/boot-record.js";
import { createLight } from "../health/light.js";
import { createLog, type Log, note } from "../health/log.js";
import { createMeter } from "../health/meter.js";
import { createRecovery } from "../health/recovery.js";
import { type History, openHistory } from "../history/history.js";
import { createFreshness } from "../meter/freshness.js";
import { createReader, finish, type Reader } from "../p1/reader.js";
import type { Ports } from "../ports/ports.js";
import { checkSettings, mergeSettings, readConfiguration, type Settings } from "../settings/settings.js";
import { openSettingsStorage } from "../settings/storage.js";
import { createOutbox } from "../uplink/outbox.js";
import { createUplink, hasBroker } from "../uplink/uplink.js";
import { describeTelegrams } from "./diagnostics.js";
import { guard, noteException } from "./guard.js";
import { birthTopic, countTopics, createIntegrations } from "./integrations.js";
import { openConsole, receive, wake } from "./run.js";
import { closeServers, createServers } from "./servers.js";
import type { Firmware } from "./state.js";
import { acceptTelegram, hear, introduce } from "./telegram.js";

/** Topics that can wait at the same time. */
const topicLimit = 24;
const logLimit = 64;
/** How long the goodbye may take, and how often a stop looks whether it is said. */
const farewellMs = 1_000;
const lookMs = 20;

/** Reads the settings and makes all that is needed; nothing runs before `startFirmware`. `config` is what the build gave. */
export function createFirmware(config: Readonly<Record<string, unknown>>, ports: Ports): Firmware {
	const now = ports.clock.now();
	const log = createLog(logLimit);
	const storage = openSettingsStorage(ports.store);
	const built = readConfiguration(config);
	const checked = checkSettings(mergeSettings(storage.values, built), ports.device.wired !== true);
	const bootRecord = openBootRecord(ports.store);
	const history = openAnyHistory(ports, checked.settings.base, log);
	const reader = openReader(checked.settings, telegram =>
		guard(firmware, "telegram", () => acceptTelegram(firmware, telegram)),
	);
	const integrations = createIntegrations(checked.settings, reader, ports.device.version, ports.store);
	const capacity = topicLimit + countTopics(checked.settings.integrations);
	const outbox = createOutbox(capacity, history, integrations.discovery);
	const uplink = createUplink(ports, checked.settings, outbox, log, bootRecord.meter, {
		onChange: () => wake(firmware),
		onOnline: () => introduce(firmware),
		onMessage: (topic, payload) => hear(firmware, topic, payload),
		onException: (where, error) => noteException(firmware, where, error),
	});
	uplink.subscription = birthTopic(integrations);
	const firmware: Firmware = {
		ports,
		storage,
		built,
		checked,
		bootRecord,
		log,
		reader,
		meter: createMeter(now, reader.faults),
		light: createLight(now),
		recovery: createRecovery(now),
		history,
		freshness: createFreshness(bootRecord.meter, history.quarters?.lastTime ?? null, now),
		outbox,
		uplink,
		integrations,
		servers: createServers(checked.settings.integrations, ports, () => firmware),
		uart: null,
		alarm: null,
		alarmTime: Infinity,
		exceptions: 0,
		expired: 0,
		nextExpire: now,
		nextDiagnostics: now,
		requestTime: Infinity,
		restartTime: Infinity,
	};
	return firmware;
}

/** A flash that cannot be read costs the history its bootRecord over restarts, and nothing else. */
function openAnyHistory(ports: Ports, base: string, log: Log): History {
	try {
		return openHistory(ports.flash, base);
	} catch (error) {
		note(log, `the flash cannot be read: ${error instanceof Error ? error.message : error}`, ports.clock.now());
		return openHistory(null, base);
	}
}

function openReader(settings: Settings, onTelegram: Reader["onTelegram"]): Reader {
	const { key, authenticationKey, authentication } = settings;
	const options = { key, authentication };
	return createReader(authenticationKey === null ? options : { ...options, authenticationKey }, onTelegram);
}

/** Opens the ports and begins to run. Never throws. */
export function startFirmware(firmware: Firmware): void {
	const { ports, log, storage, checked, bootRecord } = firmware;
	const now = ports.clock.now();
	note(log, `${ports.device.version}, boot ${bootRecord.boots}: ${ports.device.resetReason}`, now);
	if (storage.damaged) note(log, "one generation of the settings was not whole; the other one counts", now);
	for (const complaint of checked.problems) note(log, complaint, now);
	guard(firmware, "console", () => openConsole(firmware));
	guard(firmware, "line", () => {
		firmware.uart = ports.openUart(checked.settings, (bytes, count, conditions) =>
			guard(firmware, "line", () => receive(firmware, bytes, count, conditions)),
		);
		firmware.uart.setRequest(true);
	});
	wake(firmware);
}

/**
 * Says goodbye to the broker, closes the servers and takes the request for data back. Then nothing runs any more, and `onStopped`
 * is called: as soon as the connection is closed, or after a second. To be called again does no harm.
 */
export function stopFirmware(firmware: Firmware, onStopped: () => void): void {
	const { uplink, servers } = firmware;
	const { clock } = firmware.ports;
	const deadline = clock.now() + farewellMs;
	const look = () => {
		const isClosed = uplink.connection === null && uplink.abandoned.length === 0;
		if (!isClosed && clock.now() < deadline) {
			clock.setAlarm(lookMs, look);
			return;
		}
		if (firmware.alarm !== null) clock.cancelAlarm(firmware.alarm);
		// An alarm that never rings stands in the way of every other.
		firmware.alarm = {};
		firmware.alarmTime = -Infinity;
		onStopped();
	};
	uplink.leaving = true;
	guard(firmware, "servers", () => closeServers(servers));
	guard(firmware, "line", () => firmware.uart?.setRequest(false));
	wake(firmware);
	clock.setAlarm(lookMs, look);
}

/** Whether all is published that there is to publish: nothing waits or is in flight, late readings included. Without a broker: true. */
export function isIdle({ uplink, outbox, history, integrations }: Firmware): boolean {
	if (!hasBroker(uplink)) return true;
	const { current, inFlight } = uplink.delivery;
	const { recent, quarters, due } = history;
	const isSent = outbox.waiting.length === 0 && current === null && inFlight.length === 0;
	const isLate = recent.waiting > 0 || due !== null || quarters?.pending === true;
	return isSent && !isLate && (integrations.discovery?.pass ?? null) === null;
}

/** The input is at its end, as a capture's is: what is held is read as if nothing could follow. Tells what came in all. */
export function finishInput({ reader }: Firmware): { telegrams: number; summary: string } {
	finish(reader);
	return { telegrams: reader.counters.telegrams, summary: describeTelegrams(reader) };
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
