/** Checks each message at the broker against the ground truth and the promises. */

import { second } from "../clock.js";
import type { Publication } from "../network/contract.js";
import type { Checker, Diagnostics, World } from "../state.js";
import { countWrongValues } from "./expected.js";
import { findSent, noteDelivered, type Sent } from "./ground-truth.js";
import { judgePulses } from "./pulses.js";
import { checkStationStatus, judgeStations } from "./stations.js";

const stale = 35 * second;
/** So long diagnostics may be under way. */
const latest = 40 * second;
const energyNames = [
	"active_energy_import",
	"active_energy_export",
	"reactive_energy_import",
	"reactive_energy_export",
];

export function createChecker(): Checker {
	return {
		violations: [],
		outOfOrder: 0,
		wrongValues: 0,
		newest: new Map(),
		energies: new Map(),
		status: new Map(),
		diagnostics: null,
	};
}

export function checkPublication(world: World, publication: Publication): void {
	const { topic, payload } = publication;
	// What is typed at the console may have given the base other levels.
	const [name, kind] = topic.split("/").slice(-2);
	switch (kind) {
		case "state":
			if (name === "led" && world.device.pulses !== null) {
				judgePulses(world, world.device.pulses, publication);
				break;
			}
			judgeReading(world, publication, name!, kind);
			break;
		case "history":
			judgeReading(world, publication, name!, kind);
			break;
		case "status":
			world.checker.status.set(topic, payload);
			checkAnyStatus(world, topic, name!, publication);
			break;
		case "diagnostics":
			judgeDiagnostics(world, payload, publication.sentAt);
			break;
	}
}

function judgeReading(world: World, publication: Publication, name: string, kind: string): void {
	const { checker, groundTruth } = world;
	const { topic, payload, quality, retain, sentAt } = publication;
	const message = parseObject(payload);
	if (message === null) {
		world.reportViolation(`no JSON on ${topic}`);
		return;
	}
	// No meter here sends in clear; where that is let in, it must be said to be so, and do no harm to what the meter sends.
	if (message.verdict === "plain" && world.options.settings?.authentication === "prefer") {
		if (kind === "history") world.reportViolation(`${topic} has a forged reading`);
		return;
	}
	const sent = findSent(groundTruth, String(message.serial), Date.parse(String(message.time)));
	if (sent === null || sent.serial !== name) {
		world.reportViolation(`a reading on ${topic} that no meter sent: ${payload.slice(0, 120)}`);
		return;
	}
	const wrong = sent.snapshot === null ? 0 : countWrongValues(message, sent.snapshot);
	if (wrong > 0) {
		checker.wrongValues += wrong;
		world.reportViolation(`${wrong} wrong values on ${topic} for ${message.time}`);
	}
	if (quality !== 1) world.reportViolation(`${topic} with quality ${quality}`);
	const first = sent.deliveries === 0;
	noteDelivered(groundTruth, sent);
	// A frame whose tag was damaged is a reading all the same, by its CRC; so is one that the line spoilt and a recording brought.
	if (message.verdict === "crc-only") {
		groundTruth.lastReadableAt = Math.max(groundTruth.lastReadableAt, sent.sentAt);
	} else if (sent.receivedAt < 0 && !sent.replayed) {
		world.reportViolation(`${topic} has a reading that never came whole`);
	}
	if (kind === "state") judgeState(world, topic, sent, sentAt);
	else judgeHistory(world, topic, sent, first, retain);
	judgeEnergies(world, topic, message, first || kind === "state");
}

/** What is said to be now is now, and never goes back. */
function judgeState(world: World, topic: string, sent: Sent, sentAt: number): void {
	const { checker } = world;
	const newest = checker.newest.get(topic) ?? -Infinity;
	if (sent.time < newest) {
		checker.outOfOrder += 1;
		world.reportViolation(`${topic} went back from ${formatTime(newest)} to ${formatTime(sent.time)}`);
	}
	const age = sentAt - sent.sentAt;
	if (age > stale)
		world.reportViolation(`${topic} has a reading of ${Math.round(age / second)} s before as the newest`);
	checker.newest.set(topic, Math.max(newest, sent.time));
}

/** Late readings come in order; one that comes again, because its acknowledgement was lost, does not count. */
function judgeHistory(world: World, topic: string, sent: Sent, first: boolean, retain: boolean): void {
	const { checker } = world;
	const newest = checker.newest.get(topic) ?? -Infinity;
	if (retain) world.reportViolation(`${topic} is retained`);
	if (!first) return;
	if (sent.time < newest) {
		checker.outOfOrder += 1;
		world.reportViolation(`${topic} has ${formatTime(sent.time)} after ${formatTime(newest)}`);
	}
	checker.newest.set(topic, Math.max(newest, sent.time));
}

function judgeEnergies(world: World, topic: string, message: Record<string, unknown>, counts: boolean): void {
	if (!counts) return;
	const { energies } = world.checker;
	for (const name of energyNames) {
		const value = message[name];
		if (typeof value !== "number") continue;
		const key = `${topic} ${name}`;
		const before = energies.get(key) ?? -Infinity;
		if (value < before) world.reportViolation(`${name} on ${topic} went down from ${before} to ${value}`);
		energies.set(key, value);
	}
}

function judgeDiagnostics(world: World, payload: string, sentAt: number): void {
	const message = parseObject(payload) as Diagnostics | null;
	if (message === null) {
		world.reportViolation("diagnostics are no JSON");
		return;
	}
	const before = world.checker.diagnostics;
	world.checker.diagnostics = message;
	if (message.exceptions > 0 && message.exceptions !== before?.exceptions) {
		world.reportViolation(`the firmware caught ${message.exceptions} exceptions`);
	}
	if (world.stations.length > 0) {
		judgeStations(world, message, sentAt);
		return;
	}
	// A meter that was replaced has an entry of its own until the next boot.
	const entry = message.meters.find(({ name }) => name === world.meter.serial) ?? message.meters[0];
	if (entry === undefined) world.reportViolation("diagnostics without a meter");
	else judgeMeterState(world, entry.state, sentAt);
}

function checkAnyStatus(world: World, topic: string, name: string, publication: Publication): void {
	const station = world.stations.find(({ meter }) => meter.serial === name);
	if (station !== undefined) checkStationStatus(world, station, topic, publication);
	else if (name === world.meter.serial) checkStatus(world, topic, publication);
}

/** A meter is not said to be online when it has been silent for long; the message may have waited for a moment. */
function checkStatus(world: World, topic: string, { payload, sentAt, will }: Publication): void {
	const silence = sentAt - world.groundTruth.lastReadableAt;
	if (will) world.reportViolation(`${topic} is a last will, which is the reader's`);
	if (payload !== "online" || silence <= stale + latest) return;
	world.reportViolation(`${topic} is online, ${Math.round(silence / second)} s after the meter's last telegram`);
}

/** Whether what the firmware says of the meter can be. It may be some seconds old, and a break on the line confuses for a moment. */
function judgeMeterState(world: World, state: string, sentAt: number): void {
	const { groundTruth, device } = world;
	const silence = sentAt - Math.max(groundTruth.lastReadableAt, device.bootedAt);
	if (state === "ok" && silence > stale + latest) {
		world.reportViolation(`the meter is said to be ok, ${Math.round(silence / second)} s after its last telegram`);
	} else if (groundTruth.readableStreak >= 6 && silence < stale && state !== "ok" && state !== "noCable") {
		world.reportViolation(`the meter is said to be ${state}, and it is ok`);
	} else if (groundTruth.unreadableStreak >= 8 && state !== "wrongKey" && state !== "noCable") {
		world.reportViolation(`the meter is said to be ${state}, and the key is wrong`);
	}
}

function parseObject(payload: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(payload);
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
	} catch {
		return null;
	}
}

function formatTime(time: number): string {
	return new Date(time).toISOString().slice(0, 19);
}
