/** The supervisor of the connection to the broker. */
import type { MqttError } from "../ports/mqtt.js";
import { type Backoff, createBackoff, nextDelay, resetBackoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { createShownKey, noteDistrusted, noteTrusted, type ShownKey } from "./trust.js";

/**
 * The supervisor of the connection to the broker: it connects with an address only, keeps every phase under a deadline, and
 * never gives up.
 *
 * offline ─▶ waiting ─▶ resolving ─▶ connecting ─▶ online; leaving, with DISCONNECT sent, lasts for one look only.
 */
export interface Broker {
	state: "offline" | "waiting" | "resolving" | "connecting" | "online" | "leaving";
	/** When `advanceBroker` must be called again at the latest, monotonic milliseconds. */
	deadline: number;
	since: number;
	tries: number;
	connects: number;
	failures: number;
	/** Tries put off because clients that still resolve have piled up. */
	stuck: number;
	/** Why the last connection or try ended, for people. */
	lastFailure: string | null;
	/** It was the broker itself that refused, or its certificate that was refused. */
	refused: boolean;
	/** The key that the broker showed last, with TLS. */
	readonly shownKey: ShownKey;
	/** Certificates have dates: a try waits for the time, but not for ever. */
	readonly needsTime: boolean;
	readonly backoff: Backoff;
	/** After a broker that is not trusted, and after one that refused us. */
	readonly distrust: Backoff;
	readonly refusal: Backoff;
}

/** What the supervisor sees. */
export interface BrokerView {
	/** The network has an address. */
	network: boolean;
	/** The wall clock is set, which TLS needs. */
	clock: boolean;
	connection: Connection | null;
	/** Clients that could not be closed yet. */
	abandoned: number;
	/** Why the connection is of no use although nobody closed it, or null. */
	complaint: string | null;
	/** Goodbye is to be said, because the device restarts. */
	leaving: boolean;
}

/** `open`: make a client. `leave`: say goodbye with DISCONNECT, `release` follows. `release`: close the client, or abandon it until it may be. */
export type BrokerAction = "none" | "open" | "leave" | "release";

/** The SDK's resolver gives up after 5 s for each server. */
const resolveMs = 30_000;
/** TCP and TLS's handshake may take 30 s together in the SDK's client, then comes CONNACK. */
const connectMs = 45_000;
const checkMs = 10_000;
const stableMs = 30_000;
/** The longest that TLS waits for the time; without it every certificate is wrong. */
const clockMs = 60_000;
const abandonedLimit = 2;
/**
 * Trying more often does not mend a wrong password or certificate. A refused password is tried again soon at first, because a broker
 * that has just started may not know its users yet; a certificate costs seconds of computing each time.
 */
const distrustMs = 30_000;
const refusalMs = 5_000;
const refusedMs = 300_000;
/** A broker that is full, or not quite up yet (3.2.2.3): it will be well by itself, and soon. */
const unavailable = 3;

export function createBroker(now: number, needsTime: boolean): Broker {
	return {
		state: "offline",
		deadline: now + checkMs,
		since: now,
		tries: 0,
		connects: 0,
		failures: 0,
		stuck: 0,
		lastFailure: null,
		refused: false,
		shownKey: createShownKey(),
		needsTime,
		backoff: createBackoff(1_000, 30_000),
		distrust: createBackoff(distrustMs, refusedMs),
		refusal: createBackoff(refusalMs, refusedMs),
	};
}

function enter(broker: Broker, state: Broker["state"], now: number, deadline: number): void {
	broker.state = state;
	broker.since = now;
	broker.deadline = deadline;
}

/** Looks at the connection and says what to do. To be called again until it says `none`. `chance` is 0 to below 1. */
export function advanceBroker(broker: Broker, view: BrokerView, now: number, chance: number): BrokerAction {
	if (broker.state !== "offline" && !view.network) {
		enter(broker, "offline", now, now + checkMs);
		return view.connection === null ? "none" : "release";
	}
	switch (broker.state) {
		case "offline":
			broker.deadline = now + checkMs;
			if (view.network) enter(broker, "waiting", now, now + Math.round(500 * chance));
			return "none";
		case "waiting":
			return advanceWaiting(broker, view, now);
		case "resolving":
		case "connecting":
			return advanceOpening(broker, view, now, chance);
		case "online":
			return advanceOnline(broker, view, now, chance);
		case "leaving":
			// At once: after DISCONNECT nothing more may be sent (MQTT 3.1.1, 3.14.4), not even the client's own ping.
			enter(broker, "waiting", now, now);
			return "release";
	}
}

function advanceWaiting(broker: Broker, view: BrokerView, now: number): BrokerAction {
	if (now < broker.deadline) return "none";
	if (broker.needsTime && !view.clock && now < broker.since + clockMs) {
		broker.deadline = now + 1_000;
		return "none";
	}
	if (view.abandoned >= abandonedLimit) {
		broker.stuck++;
		broker.deadline = now + checkMs;
		return "none";
	}
	broker.tries++;
	enter(broker, "resolving", now, now + resolveMs);
	return "open";
}

function advanceOpening(broker: Broker, view: BrokerView, now: number, chance: number): BrokerAction {
	const connection = view.connection;
	if (connection !== null && connection.secured !== null) noteTrusted(broker.shownKey, connection.secured);
	if (connection === null || connection.failed || connection.error !== null) {
		return failBroker(broker, connection, "no connection", now, chance);
	}
	if (connection.accepted) {
		broker.connects++;
		broker.refused = false;
		enter(broker, "online", now, now + checkMs);
		return "none";
	}
	if (now >= broker.deadline) {
		const reason = broker.state === "resolving" ? "the name was not resolved in time" : "no answer in time";
		return failBroker(broker, connection, reason, now, chance);
	}
	if (broker.state === "resolving" && connection.resolved) {
		enter(broker, "connecting", now, now + connectMs);
	}
	return "none";
}

function advanceOnline(broker: Broker, view: BrokerView, now: number, chance: number): BrokerAction {
	const connection = view.connection;
	if (now >= broker.since + stableMs) {
		for (const backoff of [broker.backoff, broker.distrust, broker.refusal]) resetBackoff(backoff);
	}
	if (connection === null || connection.failed)
		return failBroker(broker, connection, "the connection was lost", now, chance);
	if (view.complaint !== null) return failBroker(broker, connection, view.complaint, now, chance);
	if (view.leaving) {
		enter(broker, "leaving", now, now);
		return "leave";
	}
	broker.deadline = now + checkMs;
	return "none";
}

/** A connection or a try ended: waits, longer where it is no use to hurry. */
export function failBroker(
	broker: Broker,
	connection: Connection | null,
	reason: string,
	now: number,
	chance: number,
): BrokerAction {
	const error = connection?.error ?? null;
	const delay = nextDelay(chooseBackoff(broker, error), chance);
	broker.refused = error?.kind === "refused" || (error !== null && noteDistrusted(broker.shownKey, error));
	broker.failures++;
	broker.lastFailure = error?.message ?? reason;
	enter(broker, "waiting", now, now + delay);
	return connection === null ? "none" : "release";
}

function chooseBackoff({ backoff, distrust, refusal }: Broker, error: MqttError | null): Backoff {
	if (error?.kind === "certificate" || error?.kind === "unknown") return distrust;
	return error?.kind === "refused" && error.returnCode !== unavailable ? refusal : backoff;
}
