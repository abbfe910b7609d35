/** What runs from the firmware's alarm, and what a platform's events set in motion. */
import { rememberRestart } from "../health/boot-record.js";
import { note } from "../health/log.js";
import { advanceMeter, isStale } from "../health/meter.js";
import { advanceRecovery } from "../health/recovery.js";
import { writeNext } from "../history/history.js";
import { diagnosticsTopic } from "../messages/topics.js";
import { readerName } from "../uplink/names.js";
import { restartNetwork } from "../uplink/network.js";
import { offer } from "../uplink/outbox.js";
import { runTimeServer } from "../uplink/time-server.js";
import { driveUplink, hasBroker, isOnline, rebuildUplink, uplinkDeadline } from "../uplink/uplink.js";
import { describeDiagnostics } from "./diagnostics.js";
import { guard } from "./guard.js";
import { improvDeadline, runImprov } from "./improv.js";
import { runLight } from "./light.js";
import { lookAtLines, openLines, runTurns, turnsDeadline } from "./lines.js";
import { loraDeadline, runLora } from "./lora.js";
import { runMemory } from "./memory.js";
import { runPulses } from "./pulses.js";
import { noteRefusals } from "./refusals.js";
import { planRestart, runRestart } from "./restart.js";
import { runServers } from "./servers.js";
import { runSetUp, setUpRunTime } from "./setup.js";
import type { Firmware, Line } from "./state.js";
import { runStatus, statusDeadline, tellAllStatuses } from "./status.js";
import { isAnyPreparing, isAnyReading, prepareFrame, sliceMs, takeStep } from "./steps.js";
import { runTrial } from "./update.js";
import { runUpdateCall } from "./update-call.js";

/** How often a line is looked at that is silent in the middle of a frame. */
const lookMs = 1_000;
/** Between two diagnostics messages. */
export const diagnosticsMs = 60_000;
/** Delay before the next run after an exception, so that a lasting one leaves time for the rest. */
const penaltyMs = 1_000;
/** Steps of frames in a row, after which something else has its turn. */
const mostSteps = 8;
const requestMs = 2_000;

/** Runs soon, from an alarm. */
export function wake(firmware: Firmware): void {
	const now = firmware.ports.clock.now();
	firmware.runTime = Math.min(firmware.runTime, now);
	setAlarm(firmware, now);
}

/** Sets the alarm, unless it rings before that anyway. */
function setAlarm(firmware: Firmware, time: number): void {
	const { clock } = firmware.ports;
	if (firmware.stopped) return;
	if (firmware.alarm !== null && firmware.alarmTime <= time) return;
	// Before the other one is cancelled: where there is no memory for a new one, that still rings.
	const alarm = clock.setAlarm(Math.max(0, time - clock.now()), firmware.ring);
	if (firmware.alarm !== null) clock.cancelAlarm(firmware.alarm);
	firmware.alarmTime = time;
	firmware.alarm = alarm;
}

/** One thing at a time, so that WiFi and the servers wait for none of them long: a slice, a step of a frame, or a run. */
export function onAlarm(firmware: Firmware): void {
	firmware.alarm = null;
	if (firmware.stopped) return;
	const { clock } = firmware.ports;
	const now = clock.now();
	if (now < firmware.runTime) guard(firmware, "line", prepareFrame, now);
	else if (firmware.steps < mostSteps && takeStep(firmware)) firmware.steps += 1;
	else run(firmware, now);
	setAlarm(firmware, isAnyPreparing(firmware) ? Math.min(firmware.runTime, now + sliceMs) : firmware.runTime);
	firmware.longestRun = Math.max(firmware.longestRun, clock.now() - now);
}

function run(firmware: Firmware, now: number): void {
	firmware.steps = 0;
	firmware.runTime = Infinity;
	// Not stopped by the first that fails: each of them has its own guard.
	let well = guard(firmware, "memory", runMemory, now);
	well = guard(firmware, "meter", runLines, now) && well;
	well = guard(firmware, "status", runStatus, now) && well;
	// Its windows wait for nothing.
	well = guard(firmware, "lora", runLora, now) && well;
	// Before the reading goes out, so that flash knows of it when it is acknowledged.
	firmware.isWriting = false;
	well = guard(firmware, "history", runHistory, null) && well;
	if (firmware.isWriting) {
		firmware.runTime = now;
		return;
	}
	well = guard(firmware, "uplink", runUplink, now) && well;
	well = guard(firmware, "pulses", runPulses, now) && well;
	well = guard(firmware, "time", runTime, now) && well;
	well = guard(firmware, "recovery", runRecovery, now) && well;
	well = guard(firmware, "diagnostics", runDiagnostics, now) && well;
	well = guard(firmware, "servers", runServers, now) && well;
	well = guard(firmware, "light", runLight, now) && well;
	well = guard(firmware, "update", runTrial, now) && well;
	well = guard(firmware, "update", runUpdateCall, now) && well;
	well = guard(firmware, "set-up", runSetUp, now) && well;
	well = guard(firmware, "set-up", runImprov, now) && well;
	well = guard(firmware, "restart", runRestart, now) && well;
	const next = nextRun(firmware, now);
	if (isAnyReading(firmware)) firmware.runTime = now;
	firmware.runTime = Math.min(firmware.runTime, well ? next : Math.max(next, now + penaltyMs));
}

/** When there is something to do at the latest. Never later than a second from now. */
function nextRun(firmware: Firmware, now: number): number {
	const { lines, recovery, light, uplink, setup } = firmware;
	const recovers = setup === null && hasBroker(uplink);
	let own = Math.min(recovers ? recovery.deadline : Infinity, light.deadline, statusDeadline(firmware));
	own = Math.min(own, setUpRunTime(firmware, now), improvDeadline(firmware));
	own = Math.min(own, turnsDeadline(firmware), loraDeadline(firmware));
	for (const line of lines) own = Math.min(own, line.health.deadline, line.requestTime);
	const timers = Math.min(firmware.nextLook, firmware.nextDiagnostics, firmware.restartTime, firmware.pulses.nextLook);
	return Math.max(now + 1, Math.min(own, timers, uplinkDeadline(uplink, now)));
}

function runHistory(firmware: Firmware): void {
	firmware.isWriting = writeNext(firmware.history);
}

function runUplink({ uplink }: Firmware, now: number): void {
	driveUplink(uplink, now);
}

function runLines(firmware: Firmware, now: number): void {
	const { lines, log } = firmware;
	openLines(firmware, now);
	const looks = now >= firmware.nextLook;
	if (looks) {
		firmware.nextLook = now + lookMs;
		lookAtLines(firmware);
	}
	noteRefusals(firmware, now);
	runTurns(firmware, now);
	for (const { tally, health } of lines) {
		if (now < health.deadline || !advanceMeter(health, tally.faults, now)) continue;
		note(log, `meter: ${health.state}`, now);
		firmware.nextDiagnostics = now;
	}
}

function runTime(firmware: Firmware, now: number): void {
	const { timeServer, uplink, ports, log } = firmware;
	if (timeServer === null || now < timeServer.deadline) return;
	const isReady = uplink.supervisor.state === "ready" && uplink.network !== null;
	runTimeServer(timeServer, ports, isReady ? uplink.network!.nameServers : null, now, time => {
		if (ports.clock.time() === null)
			note(log, `time: ${timeServer.host} says ${new Date(time).toISOString().slice(0, 19)}Z`, now);
		ports.clock.setTime(time);
	});
}

function runRecovery(firmware: Firmware, now: number): void {
	const { recovery, uplink, lines, log } = firmware;
	for (const line of lines) {
		if (line.requestTime > now) continue;
		line.requestTime = Infinity;
		line.request?.write(true);
	}
	if (now < recovery.deadline || firmware.setup !== null || !hasBroker(uplink)) return;
	const view = {
		network: uplink.supervisor.state === "ready",
		online: isOnline(uplink),
		refused: uplink.broker.refused,
		lastTelegram: oldestTelegram(lines),
	};
	const action = advanceRecovery(recovery, view, now);
	if (action === "none") return;
	note(log, `recovery: ${action}`, now);
	if (action === "network") restartNetwork(uplink.supervisor, now);
	else if (action === "device") recoverDevice(firmware, now);
	else requestAgain(lines, now);
}

/** The last stage. The end of a program on a computer is no boot of the computer, and costs the readings in memory. */
function recoverDevice(firmware: Firmware, now: number): void {
	const { bootRecord, ports, uplink } = firmware;
	rememberRestart(bootRecord, ports.store);
	if (ports.medium === "host") rebuildUplink(uplink, now);
	else restartFirmware(firmware);
}

/** When the last telegram came on the line on which that is longest ago. */
function oldestTelegram(lines: readonly Line[]): number {
	let oldest = Infinity;
	// Those that share a wire are asked again and again.
	for (const { health, wire } of lines) if (wire.turns === null) oldest = Math.min(oldest, health.lastTelegram);
	return oldest;
}

/** Takes the request for data back where no telegram comes, to make it again a moment later. */
function requestAgain(lines: readonly Line[], now: number): void {
	for (const line of lines) {
		if (line.wire.turns !== null || !isStale(line.health, now)) continue;
		line.request?.write(false);
		line.requestTime = now + requestMs;
	}
}

function runDiagnostics(firmware: Firmware, now: number): void {
	if (now < firmware.nextDiagnostics) return;
	firmware.nextDiagnostics = now + diagnosticsMs;
	if (!isOnline(firmware.uplink)) return;
	offerDiagnostics(firmware);
	tellAllStatuses(firmware);
}

export function offerDiagnostics(firmware: Firmware): void {
	const { uplink, outbox, ports } = firmware;
	const topic = diagnosticsTopic(uplink.settings.base, readerName(uplink) ?? "unknown");
	const payload = describeDiagnostics(firmware);
	offer(outbox, { topic, payload, quality: 0, retain: true, sequence: null, late: false });
	firmware.nextDiagnostics = ports.clock.now() + diagnosticsMs;
}

/** Says goodbye to the broker and restarts a moment later. */
export function restartFirmware(firmware: Firmware): void {
	planRestart(firmware);
	wake(firmware);
}
