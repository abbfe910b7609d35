/** Drives both supervisors, from the network to the broker. */
import { type Log, note } from "../health/log.js";
import type { Medium, Ports } from "../ports/ports.js";
import type { Settings } from "../settings/settings.js";
import { advanceBroker, type BrokerView, createBroker } from "./broker.js";
import type { Connection } from "./connection.js";
import { checkDelivery, createDelivery, deliveryDeadline, isWriting, listUnderWay, pump } from "./delivery.js";
import { readerName } from "./names.js";
import { advanceNetwork, createNetworkSupervisor, failNetwork } from "./network.js";
import type { Outbox } from "./outbox.js";
import { noteClosed, noteClosedEarly, noteStanding, type UnderWay } from "./refusals.js";
import { createRepeatedFailure, endRow, noteFailure } from "./repeated-failure.js";
import { leave, onAccepted, openSession, release, subscribe, tryClose } from "./session.js";
import type { Uplink, UplinkEvents } from "./state.js";
import { adviseKey, needsTime } from "./trust.js";

/** Until the radio may draw current: the supply's capacitors must be full. A brown-out says that they were not. */
const settleMs = 2_000;
const brownOutMs = 15_000;
/** A pass of both supervisors ends by itself after a few steps; this only guards against a mistake in them. */
const stepLimit = 8;
/** A connection that stands so long ends a row of the same failure. */
const standingMs = 60_000;

export function createUplink(ports: Ports, settings: Settings, outbox: Outbox, log: Log, events: UplinkEvents): Uplink {
	const now = ports.clock.now();
	return {
		ports,
		settings,
		outbox,
		log,
		supervisor: createNetworkSupervisor(now, radioDelay(ports)),
		broker: createBroker(now, needsTime(settings, ports)),
		delivery: createDelivery(),
		repeated: createRepeatedFailure(),
		events,
		network: null,
		connection: null,
		connectionAddress: null,
		abandoned: [],
		paused: false,
		leaving: false,
		subscribed: false,
	};
}

/** Only a radio draws so much current that one has to be careful with it. */
export function radioDelay({ medium, device }: Ports): number {
	if (medium !== "wifi") return 0;
	return device.resetReason === "brown-out" ? brownOutMs : settleMs;
}

/** What log and console call the network. */
export const networkNames: Readonly<Record<Medium, string>> = Object.freeze({
	wifi: "WiFi",
	ethernet: "Ethernet",
	host: "network",
});

export function isOnline(uplink: Uplink): boolean {
	return uplink.broker.state === "online";
}

/** Takes everything on as far as it goes now. Only from an alarm. */
export function driveUplink(uplink: Uplink, now: number): void {
	if (hasNetwork(uplink) && !uplink.paused) driveNetwork(uplink, now);
	if (hasBroker(uplink)) driveBroker(uplink, now);
	for (let at = uplink.abandoned.length - 1; at >= 0; at--) {
		const connection = uplink.abandoned[at]!;
		if (tryClose(uplink, connection)) uplink.abandoned.splice(at, 1);
	}
}

/**
 * Gives up all there is between here and the broker, and begins as after a boot: where a restart of the program would cost readings and
 * bring nothing else. Counts stay. Only from an alarm.
 */
export function rebuildUplink(uplink: Uplink, now: number): void {
	const { supervisor, broker, ports } = uplink;
	release(uplink);
	uplink.abandoned.length = 0;
	uplink.network = null;
	uplink.connectionAddress = null;
	const { tries, connects, losses } = supervisor;
	Object.assign(supervisor, createNetworkSupervisor(now, radioDelay(ports)), { tries, connects, losses });
	const { failures, stuck, lastFailure } = broker;
	const counts = { tries: broker.tries, connects: broker.connects, failures, stuck, lastFailure };
	Object.assign(broker, createBroker(now, needsTime(uplink.settings, ports)), counts);
}

/** The radio stays dark where there is nothing to connect to. */
export function hasNetwork({ settings, ports }: Uplink): boolean {
	return ports.medium !== "wifi" || settings.wifi !== null;
}

export function hasBroker(uplink: Uplink): boolean {
	return hasNetwork(uplink) && uplink.settings.broker !== null;
}

/** When `driveUplink` must be called again at the latest, monotonic milliseconds, or Infinity. */
export function uplinkDeadline(uplink: Uplink, now: number): number {
	let deadline = hasNetwork(uplink) && !uplink.paused ? uplink.supervisor.deadline : Infinity;
	if (hasBroker(uplink)) deadline = Math.min(deadline, uplink.broker.deadline);
	return isOnline(uplink) ? Math.min(deadline, deliveryDeadline(uplink.delivery, now)) : deadline;
}

function driveNetwork(uplink: Uplink, now: number): void {
	const { supervisor, ports, settings, log } = uplink;
	const before = supervisor.state;
	for (let step = 0; step < stepLimit; step++) {
		const action = advanceNetwork(supervisor, uplink.network, now, ports.random());
		if (action === "none") break;
		try {
			if (action === "open") uplink.network = ports.openNetwork(() => uplink.events.onChange());
			else if (action === "disconnect") uplink.network?.disconnect();
			// Every other medium connects by itself; `onChanged` tells of it, and the back-off looks after it.
			else if (ports.medium !== "wifi" || settings.wifi === null) failNetwork(supervisor, now, ports.random());
			else uplink.network?.connect({ name: settings.wifi, password: settings.wifiPassword ?? "" });
		} catch (error) {
			uplink.events.onException("network", error);
			failNetwork(supervisor, now, ports.random());
		}
	}
	if (supervisor.state === before) return;
	// Only what a person can do something about: a night without a network would push everything else out of the log.
	const name = networkNames[ports.medium];
	if (supervisor.state === "ready")
		note(log, `${name}: connected, address ${uplink.network?.address ?? "unknown"}`, now);
	else if (before === "ready") note(log, `${name}: lost`, now);
	else if (supervisor.state === "waiting" && supervisor.tries > 0) note(log, `${name}: no connection`, now);
}

function driveBroker(uplink: Uplink, now: number): void {
	const { broker, delivery, ports, log, connection } = uplink;
	const before = broker.state;
	const { failures } = broker;
	checkDelivery(delivery, now);
	const isClosed = before === "online" && connection?.failed === true && delivery.complaint === null;
	const underWay = isClosed ? listUnderWay(delivery) : [];
	for (let step = 0; step < stepLimit; step++) {
		const action = advanceBroker(broker, readStatus(uplink), now, ports.random());
		if (action === "none") break;
		if (action === "open") openSession(uplink, now);
		else if (action === "leave") leave(uplink);
		else release(uplink);
	}
	if (broker.failures !== failures) onFailure(uplink, connection, underWay, now);
	if (broker.state === "online" && before !== "online") {
		const { withoutDates } = broker.shownKey;
		const caution = withoutDates ? "; the dates of its certificate were not checked: nobody knows the time" : "";
		note(log, `broker: connected${caution}`, now);
		onAccepted(uplink);
	}
	if (broker.state === "online" && uplink.connection !== null) {
		noteStanding(delivery.refusals, now - broker.since);
		if (now >= broker.since + standingMs) endRow(uplink.repeated);
		subscribe(uplink, uplink.connection);
		pump(delivery, uplink.connection, uplink.outbox, ports.encode, now);
	}
}

/** A connection or a try ended: what a person should read, and what can be learnt of the broker. */
function onFailure(uplink: Uplink, ended: Connection | null, underWay: readonly UnderWay[], now: number): void {
	const { broker, delivery, log, repeated } = uplink;
	const text = broker.lastFailure ?? "no connection";
	const accepted = ended?.accepted === true;
	note(log, `broker: ${text}`, now);
	const advice = broker.refused ? adviseKey(broker.shownKey) : null;
	if (advice !== null) note(log, advice, now);
	const kind = ended?.error?.kind;
	if (accepted) for (const line of noteClosed(delivery.refusals, underWay, now)) note(log, line, now);
	else if (
		ended?.resolved &&
		ended.failed &&
		kind !== "refused" &&
		kind !== "certificate" &&
		kind !== "unknown" &&
		kind !== "name"
	) {
		noteClosedEarly(delivery.refusals, kind === "lost");
	}
	const name = readerName(uplink) ?? "smarty-xs";
	const line = noteFailure(repeated, text, accepted, name, now);
	if (line !== null) note(log, line, now);
}

function readStatus(uplink: Uplink): BrokerView {
	const { network, connection, delivery } = uplink;
	const moved = connection !== null && uplink.connectionAddress !== (network?.address ?? null);
	// Goodbye was said: until the restart nobody is to be greeted again.
	const gone = uplink.leaving && connection === null;
	return {
		network: uplink.supervisor.state === "ready" && !moved && !gone && !uplink.paused,
		clock: uplink.ports.clock.time() !== null,
		connection,
		abandoned: uplink.abandoned.length,
		complaint: delivery.complaint,
		leaving: uplink.leaving && !isWriting(delivery),
	};
}
