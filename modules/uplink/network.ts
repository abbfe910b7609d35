/** The supervisor of the network. */
import type { Network } from "../ports/ports.js";
import { type Backoff, createBackoff, nextDelay, resetBackoff } from "./backoff.js";

/**
 * The WiFi supervisor. It looks at the network's state whenever something happened and at its deadline at the latest, so that
 * no event can be missed for good, and it never gives up.
 *
 * off ─▶ waiting ─▶ connecting ─▶ ready; back through closing (the driver is told to let go and has not yet) to waiting.
 */
export interface NetworkSupervisor {
	state: "off" | "waiting" | "connecting" | "ready" | "closing";
	/** When `advanceStation` must be called again at the latest, monotonic milliseconds. */
	deadline: number;
	/** When the state began. */
	since: number;
	/** Tries since the boot, connections that came to an address, and how many of those were lost. */
	tries: number;
	connects: number;
	losses: number;
	/** A restart of the network is asked for, see `restartStation`. */
	restart: boolean;
	readonly backoff: Backoff;
}

export type NetworkAction = "none" | "open" | "connect" | "disconnect";

/** A driver may need a moment until its state shows the try. */
const graceMs = 2_000;
/** Scan of all channels, association, key exchange and DHCP. */
const connectMs = 40_000;
const closeMs = 5_000;
const checkMs = 10_000;
/** A connection that held so long ends the back-off. */
const stableMs = 60_000;

/** `delay`: milliseconds until the radio may draw current, which is what the meter's 250 mA port needs to fill capacitors. */
export function createNetworkSupervisor(now: number, delay: number): NetworkSupervisor {
	const backoff = createBackoff(2_000, 60_000);
	return {
		state: "off",
		deadline: now + delay,
		since: now,
		tries: 0,
		connects: 0,
		losses: 0,
		restart: false,
		backoff,
	};
}

function enter(supervisor: NetworkSupervisor, state: NetworkSupervisor["state"], now: number, deadline: number): void {
	supervisor.state = state;
	supervisor.since = now;
	supervisor.deadline = deadline;
}

function wait(supervisor: NetworkSupervisor, now: number, chance: number): NetworkAction {
	enter(supervisor, "waiting", now, now + nextDelay(supervisor.backoff, chance));
	return "none";
}

function close(supervisor: NetworkSupervisor, now: number): NetworkAction {
	enter(supervisor, "closing", now, now + closeMs);
	return "disconnect";
}

/** Looks at the network and says what to do with it. To be called again until it says `none`. `network` is null until
 * `open` was done. `chance` is 0 to below 1. */
export function advanceNetwork(
	supervisor: NetworkSupervisor,
	network: Network | null,
	now: number,
	chance: number,
): NetworkAction {
	if (network === null) {
		if (now < supervisor.deadline) return "none";
		enter(supervisor, "waiting", now, now);
		return "open";
	}
	switch (supervisor.state) {
		case "off":
		case "waiting":
			return advanceWaiting(supervisor, network, now);
		case "connecting":
			if (network.state === "ready") return becomeReady(supervisor, now);
			if (network.state === "idle" && now >= supervisor.since + graceMs) return wait(supervisor, now, chance);
			if (now >= supervisor.since + connectMs) return close(supervisor, now);
			supervisor.deadline = network.state === "idle" ? supervisor.since + graceMs : supervisor.since + connectMs;
			return "none";
		case "ready":
			return advanceReady(supervisor, network, now, chance);
		case "closing":
			if (network.state === "idle") return wait(supervisor, now, chance);
			return now >= supervisor.deadline ? close(supervisor, now) : "none";
	}
}

function advanceWaiting(supervisor: NetworkSupervisor, network: Network, now: number): NetworkAction {
	if (network.state === "ready") return becomeReady(supervisor, now);
	if (now < supervisor.deadline) return "none";
	if (network.state !== "idle") return close(supervisor, now);
	supervisor.tries++;
	enter(supervisor, "connecting", now, now + graceMs);
	return "connect";
}

function becomeReady(supervisor: NetworkSupervisor, now: number): NetworkAction {
	supervisor.connects++;
	supervisor.restart = false;
	enter(supervisor, "ready", now, now + checkMs);
	return "none";
}

function advanceReady(supervisor: NetworkSupervisor, network: Network, now: number, chance: number): NetworkAction {
	if (now >= supervisor.since + stableMs) resetBackoff(supervisor.backoff);
	if (supervisor.restart) {
		supervisor.restart = false;
		return close(supervisor, now);
	}
	if (network.state === "ready") {
		supervisor.deadline = now + checkMs;
		return "none";
	}
	supervisor.losses++;
	return network.state === "idle" ? wait(supervisor, now, chance) : close(supervisor, now);
}

/** The action could not be done: tried again later. */
export function failNetwork(supervisor: NetworkSupervisor, now: number, chance: number): void {
	wait(supervisor, now, chance);
}

/** Asks for a new connection at the next call of `advanceStation`, where there is one. */
export function restartNetwork(supervisor: NetworkSupervisor, now: number): void {
	if (supervisor.state !== "ready") return;
	supervisor.restart = true;
	supervisor.deadline = now;
}
