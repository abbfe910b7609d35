/** The access point and the device's radio, or the switch and the device's cable. */

import type { Medium } from "../../../modules/ports/ports.js";
import type { Chance } from "../../chance.js";
import { drawBetween, drawInteger, happens } from "../../chance.js";
import { cancel, type Plan, plan, second, type WorldClock } from "../clock.js";

/** What a board of the world may have; the gateway's network is not the world's. */
export type BoardMedium = Exclude<Medium, "host">;

/** The house's access point with its name server and addresses. For a board with a cable it is the switch. */
export interface AccessPoint {
	/** With a cable: the link is up. */
	up: boolean;
	name: string;
	password: string;
	channel: number;
	/** Addresses are given. */
	addresses: boolean;
	/** Names are resolved. */
	names: boolean;
	/** The path from here to the broker is whole. What is sent meanwhile is sent again later, as TCP does. */
	path: boolean;
	/** Raised when addresses are given anew: connections made with an older one are dead, and nobody says so. */
	generation: number;
}

/** The device's radio, or its Ethernet: that connects by itself, and is `idle` or `ready` only. */
export interface Radio {
	readonly medium: BoardMedium;
	readonly clock: WorldClock;
	readonly chance: Chance;
	readonly accessPoint: AccessPoint;
	state: "idle" | "connecting" | "associated" | "ready";
	address: string | null;
	signalStrength: number | null;
	/** Why the last try failed, as ESP-IDF has it: 201 for no such network, 15 for a wrong password. */
	reason: number | null;
	/** The next step of a try, or the end of a connection whose access point is gone. */
	next: Plan | null;
	/** When it became ready last. */
	readySince: number;
	/** Null while the device is off. */
	onChanged: (() => void) | null;
}

export function createRadio(clock: WorldClock, chance: Chance, medium: BoardMedium = "wifi"): Radio {
	const accessPoint = {
		up: true,
		name: "home",
		password: "correct horse",
		channel: 6,
		addresses: true,
		names: true,
		path: true,
		generation: 0,
	};
	return {
		medium,
		clock,
		chance,
		accessPoint,
		state: "idle",
		address: null,
		signalStrength: null,
		reason: null,
		next: null,
		readySince: 0,
		onChanged: null,
	};
}

function change(radio: Radio, state: Radio["state"]): void {
	radio.state = state;
	if (state === "ready") radio.readySince = radio.clock.now;
	else radio.address = null;
	if (state === "idle" || state === "connecting") radio.signalStrength = null;
	radio.onChanged?.();
}

function later(radio: Radio, low: number, high: number, action: () => void): void {
	cancel(radio.next);
	radio.next = plan(radio.clock, drawBetween(radio.chance, low, high) * second, () => {
		radio.next = null;
		action();
	});
}

/** The board's network port is opened: what has a cable looks for a link, and asks for an address. */
export function startNetwork(radio: Radio): void {
	if (radio.medium === "ethernet") findLink(radio);
}

/** Both ends agree on speed and duplex, then DHCP. */
function findLink(radio: Radio): void {
	later(radio, 1.5, 3.5, () => receiveAddress(radio));
}

/** One try: a scan of all channels, association, an address. */
export function joinNetwork(radio: Radio, name: string, password: string): void {
	if (radio.medium === "ethernet") throw new Error("the firmware tells a cable to connect");
	const { accessPoint } = radio;
	change(radio, "connecting");
	later(radio, 1.2, 3, () => {
		if (!accessPoint.up || accessPoint.name !== name || accessPoint.password !== password) {
			radio.reason = accessPoint.up && accessPoint.name === name ? 15 : 201;
			later(radio, 0.5, 4, () => change(radio, "idle"));
			return;
		}
		radio.reason = null;
		radio.signalStrength = -50 - drawInteger(radio.chance, 30);
		change(radio, "associated");
		later(radio, 0.1, 2, () => receiveAddress(radio));
	});
}

function receiveAddress(radio: Radio): void {
	const { accessPoint } = radio;
	if (!accessPoint.up) {
		if (radio.state !== "idle") change(radio, "idle");
		return;
	}
	// Without a server for addresses the radio stays associated until somebody gives up. DHCP asks again and again.
	if (!accessPoint.addresses) {
		later(radio, 2, 4, () => receiveAddress(radio));
		return;
	}
	radio.address = addressOf(radio);
	change(radio, "ready");
}

/** The device lets go. */
export function leaveNetwork(radio: Radio): void {
	cancel(radio.next);
	radio.next = null;
	if (radio.medium === "ethernet") {
		if (radio.state !== "idle") change(radio, "idle");
		// DHCP starts again, and the port waits until the firmware has seen that.
		later(radio, 0.5, 2, () => receiveAddress(radio));
	} else if (radio.state !== "idle") later(radio, 0.01, 0.2, () => change(radio, "idle"));
}

/** The device lost its power. */
export function switchOffRadio(radio: Radio): void {
	cancel(radio.next);
	radio.next = null;
	radio.onChanged = null;
	radio.state = "idle";
	radio.address = null;
	radio.signalStrength = null;
}

/**
 * The access point goes, or comes back; with `fresh` it gives addresses anew. The radio misses its beacons a while later; a cable tells at
 * once, and of its return, too.
 */
export function switchAccessPoint(radio: Radio, up: boolean, fresh: boolean): void {
	const { accessPoint } = radio;
	accessPoint.up = up;
	if (fresh) accessPoint.generation += 1;
	if (radio.medium === "ethernet") {
		if (up && radio.state === "idle" && radio.onChanged !== null) findLink(radio);
		else if (!up) dropRadio(radio);
		return;
	}
	if (up || radio.state === "idle" || radio.state === "connecting") return;
	later(radio, 2, 8, () => {
		if (radio.state !== "idle") change(radio, "idle");
	});
}

/** The connection to the access point breaks for a moment: roaming, a new channel, interference. */
export function dropRadio(radio: Radio): void {
	if (radio.state === "idle" || radio.state === "connecting") return;
	cancel(radio.next);
	radio.next = null;
	change(radio, "idle");
	if (radio.medium === "ethernet" && radio.accessPoint.up) findLink(radio);
}

/** The lease has another address from now on, and the link stays. Connections that were made with the older one are dead. */
export function changeAddress(radio: Radio): void {
	radio.accessPoint.generation += 1;
	if (radio.state !== "ready") return;
	radio.address = addressOf(radio);
	radio.onChanged?.();
}

function addressOf({ accessPoint }: Radio): string {
	return `192.168.1.${20 + (accessPoint.generation % 200)}`;
}

/** Bytes can go from the device to the broker and back. */
export function isPathWhole(radio: Radio): boolean {
	const { accessPoint, state } = radio;
	return state === "ready" && accessPoint.up && accessPoint.path;
}

/** Microseconds one way through the house: mostly some milliseconds, now and then the air is busy. */
export function drawLatency(chance: Chance): number {
	return happens(chance, 0.02) ? drawBetween(chance, 20_000, 400_000) : drawBetween(chance, 1_000, 8_000);
}
