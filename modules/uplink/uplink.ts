import { type Log, note } from "../health/log.js";
import type { Ports } from "../ports/ports.js";
import type { Settings } from "../settings/settings.js";
import { advanceBroker, type BrokerView, createBroker } from "./broker.js";
import { checkDelivery, createDelivery, deliveryDeadline, isWriting, pump } from "./delivery.js";
import { wantedTopic } from "./names.js";
import { advanceStation, createStation, failStation } from "./network.js";
import type { Outbox } from "./outbox.js";
import { greet, leave, openConnection, release, subscribe, tryClose } from "./session.js";
import type { Uplink, UplinkEvents } from "./state.js";

/** Until the radio may draw current: the supply's capacitors must be full. A brown-out says that they were not. */
const settleMs = 2_000;
const brownOutMs = 15_000;
/** A pass of both supervisors ends by itself after a few steps; this only guards against a mistake in them. */
const stepLimit = 8;

export function createUplink(
	ports: Ports,
	settings: Settings,
	outbox: Outbox,
	log: Log,
	meter: string | null,
	events: UplinkEvents,
): Uplink {
	const now = ports.clock.now();
	return {
		ports,
		settings,
		outbox,
		log,
		station: createStation(now, radioDelay(ports.device)),
		broker: createBroker(now, settings.broker?.secure ?? false),
		delivery: createDelivery(),
		events,
		network: null,
		link: null,
		linkTopic: null,
		linkAddress: null,
		namelessTopic: null,
		abandoned: [],
		meter,
		leaving: false,
		subscription: null,
		subscribed: false,
	};
}

/** A computer has no radio to be careful with. */
function radioDelay({ wired, resetReason }: Ports["device"]): number {
	if (wired === true) return 0;
	return resetReason === "brown-out" ? brownOutMs : settleMs;
}

export function isOnline(uplink: Uplink): boolean {
	return uplink.broker.state === "online";
}

/** Takes everything on as far as it goes now. Only from an alarm. */
export function driveUplink(uplink: Uplink, now: number): void {
	if (hasNetwork(uplink)) driveStation(uplink, now);
	if (hasBroker(uplink)) driveBroker(uplink, now);
	for (let at = uplink.abandoned.length - 1; at >= 0; at--) {
		const link = uplink.abandoned[at]!;
		if (tryClose(uplink, link)) uplink.abandoned.splice(at, 1);
	}
}

/** The radio stays dark where there is nothing to connect to. */
export function hasNetwork(uplink: Uplink): boolean {
	return uplink.settings.wifi !== null || uplink.ports.device.wired === true;
}

export function hasBroker(uplink: Uplink): boolean {
	return hasNetwork(uplink) && uplink.settings.broker !== null;
}

/** When `driveUplink` must be called again at the latest, monotonic milliseconds, or Infinity. */
export function uplinkDeadline(uplink: Uplink, now: number): number {
	let deadline = hasNetwork(uplink) ? uplink.station.deadline : Infinity;
	if (hasBroker(uplink)) deadline = Math.min(deadline, uplink.broker.deadline);
	return isOnline(uplink) ? Math.min(deadline, deliveryDeadline(uplink.delivery, now)) : deadline;
}

function driveStation(uplink: Uplink, now: number): void {
	const { station, ports, settings, log } = uplink;
	const before = station.state;
	for (let step = 0; step < stepLimit; step++) {
		const action = advanceStation(station, uplink.network, now, ports.random());
		if (action === "none") break;
		try {
			if (action === "open") uplink.network = ports.openNetwork(uplink.events.onChange);
			else if (action === "disconnect") uplink.network?.disconnect();
			else if (settings.wifi === null) failStation(station, now, ports.random());
			else uplink.network?.connect({ name: settings.wifi, password: settings.wifiPassword ?? "" });
		} catch (error) {
			uplink.events.onException("network", error);
			failStation(station, now, ports.random());
		}
	}
	if (station.state === before) return;
	// Only what a person can do something about: a night without a network would push everything else out of the log.
	const name = ports.device.wired === true ? "network" : "WiFi";
	if (station.state === "ready") note(log, `${name}: connected, address ${uplink.network?.address ?? "unknown"}`, now);
	else if (before === "ready") note(log, `${name}: lost`, now);
	else if (station.state === "waiting" && station.tries > 0) note(log, `${name}: no connection`, now);
}

function driveBroker(uplink: Uplink, now: number): void {
	const { broker, delivery, ports, log } = uplink;
	const before = broker.state;
	const { failures } = broker;
	checkDelivery(delivery, now);
	for (let step = 0; step < stepLimit; step++) {
		const action = advanceBroker(broker, look(uplink), now, ports.random());
		if (action === "none") break;
		if (action === "open") openConnection(uplink, now);
		else if (action === "leave") leave(uplink);
		else release(uplink);
	}
	if (broker.failures !== failures) note(log, `broker: ${broker.lastFailure}`, now);
	if (broker.state === "online" && before !== "online") {
		note(log, "broker: connected", now);
		greet(uplink);
	}
	if (broker.state === "online" && uplink.link !== null) {
		subscribe(uplink, uplink.link);
		pump(delivery, uplink.link, uplink.outbox, ports.encode, now);
	}
}

function look(uplink: Uplink): BrokerView {
	const { network, link, delivery } = uplink;
	const moved = link !== null && uplink.linkAddress !== (network?.address ?? null);
	// Goodbye was said: until the restart nobody is to be greeted again.
	const gone = uplink.leaving && link === null;
	return {
		network: uplink.station.state === "ready" && !moved && !gone,
		clock: uplink.ports.clock.time() !== null,
		link,
		abandoned: uplink.abandoned.length,
		complaint: delivery.complaint,
		renew: (uplink.leaving || uplink.linkTopic !== wantedTopic(uplink)) && !isWriting(delivery),
	};
}
