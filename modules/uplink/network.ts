import type { Network } from "../ports/ports.js";
import { type Backoff, createBackoff, nextDelay, resetBackoff } from "./backoff.js";

/**
 * The WiFi supervisor. It looks at the network's state whenever something happened and at its deadline at the latest, so that
 * no event can be missed for good, and it never gives up.
 *
 * off ─▶ waiting ─▶ connecting ─▶ ready; back through closing (the driver is told to let go and has not yet) to waiting.
 */
export interface Station {
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

export type StationAction = "none" | "open" | "connect" | "disconnect";

/** A driver may need a moment until its state shows the try. */
const graceMs = 2_000;
/** Scan of all channels, association, key exchange and DHCP. */
const connectMs = 40_000;
const closeMs = 5_000;
const checkMs = 10_000;
/** A connection that held so long ends the back-off. */
const stableMs = 60_000;

/** `delay`: milliseconds until the radio may draw current, which is what the meter's 250 mA port needs to fill capacitors. */
export function createStation(now: number, delay: number): Station {
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

function enter(station: Station, state: Station["state"], now: number, deadline: number): void {
	station.state = state;
	station.since = now;
	station.deadline = deadline;
}

function wait(station: Station, now: number, chance: number): StationAction {
	enter(station, "waiting", now, now + nextDelay(station.backoff, chance));
	return "none";
}

function close(station: Station, now: number): StationAction {
	enter(station, "closing", now, now + closeMs);
	return "disconnect";
}

/** Looks at the network and says what to do with it. To be called again until it says `none`. `network` is null until
 * `open` was done. `chance` is 0 to below 1. */
export function advanceStation(station: Station, network: Network | null, now: number, chance: number): StationAction {
	if (network === null) {
		if (now < station.deadline) return "none";
		enter(station, "waiting", now, now);
		return "open";
	}
	switch (station.state) {
		case "off":
		case "waiting":
			return advanceWaiting(station, network, now);
		case "connecting":
			if (network.state === "ready") return becomeReady(station, now);
			if (network.state === "idle" && now >= station.since + graceMs) return wait(station, now, chance);
			if (now >= station.since + connectMs) return close(station, now);
			station.deadline = network.state === "idle" ? station.since + graceMs : station.since + connectMs;
			return "none";
		case "ready":
			return advanceReady(station, network, now, chance);
		case "closing":
			if (network.state === "idle") return wait(station, now, chance);
			return now >= station.deadline ? close(station, now) : "none";
	}
}

function advanceWaiting(station: Station, network: Network, now: number): StationAction {
	if (network.state === "ready") return becomeReady(station, now);
	if (now < station.deadline) return "none";
	if (network.state !== "idle") return close(station, now);
	station.tries++;
	enter(station, "connecting", now, now + graceMs);
	return "connect";
}

function becomeReady(station: Station, now: number): StationAction {
	station.connects++;
	station.restart = false;
	enter(station, "ready", now, now + checkMs);
	return "none";
}

function advanceReady(station: Station, network: Network, now: number, chance: number): StationAction {
	if (now >= station.since + stableMs) resetBackoff(station.backoff);
	if (station.restart) {
		station.restart = false;
		return close(station, now);
	}
	if (network.state === "ready") {
		station.deadline = now + checkMs;
		return "none";
	}
	station.losses++;
	return network.state === "idle" ? wait(station, now, chance) : close(station, now);
}

/** The action could not be done: tried again later. */
export function failStation(station: Station, now: number, chance: number): void {
	wait(station, now, chance);
}

/** Asks for a new connection at the next call of `advanceStation`, where there is one. */
export function restartStation(station: Station, now: number): void {
	if (station.state !== "ready") return;
	station.restart = true;
	station.deadline = now;
}
