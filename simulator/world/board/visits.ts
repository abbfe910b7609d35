/** Clients that come to the device's servers. */

import { plan } from "../clock.js";
import { drawLatency, isPathWhole } from "../network/network.js";
import { noBytes } from "./device.js";
import type { Device, HostVisit, Post, VisitEvents } from "./state.js";

/** Puts an event at the end of the firmware's queue. */
type PostTo = (device: Device, request: Post) => void;

export interface Visit {
	/** `cost`: microseconds that the device computes for what it is sent. */
	send(bytes: Uint8Array, cost: number): void;
	leave(): void;
}

/** Connects to a port of the device; null where nothing listens there, or nothing comes through. */
export function visitDevice(device: Device, port: number, post: PostTo, events: VisitEvents): Visit | null {
	const { clock, radio, visits } = device;
	if (!device.on || !device.listening.has(port) || !isPathWhole(radio)) return null;
	device.visitCount += 1;
	const number = device.visitCount;
	const visit: HostVisit = { events, arrived: clock.now, returned: clock.now };
	visits.set(number, visit);
	const tell = (kind: "visit" | "visitData" | "visitEnd", about: object, bytes = noBytes, cost = 0) => {
		visit.arrived = Math.max(visit.arrived, clock.now + drawLatency(radio.chance));
		plan(clock, visit.arrived - clock.now, () => {
			if (visits.get(number) !== visit) return;
			if (kind === "visitEnd") visits.delete(number);
			post(device, () => ({ kind, json: JSON.stringify({ visit: number, ...about }), bytes, cost }));
		});
	};
	tell("visit", { port });
	return {
		send: (bytes, cost) => tell("visitData", {}, bytes.slice(), cost),
		leave: () => tell("visitEnd", {}),
	};
}

/** Does something at the client's end, behind what is under way to it. */
function reach(device: Device, number: number, action: (visit: HostVisit) => void): void {
	const { clock, radio, visits } = device;
	const visit = visits.get(number);
	if (visit === undefined) return;
	visit.returned = Math.max(visit.returned, clock.now + drawLatency(radio.chance));
	plan(clock, visit.returned - clock.now, () => {
		if (visits.get(number) === visit) action(visit);
	});
}

/** The firmware has written `bytes`; when they are there, there is room for as many again. */
export function answerVisit(device: Device, number: number, bytes: Uint8Array, post: PostTo): void {
	const copy = bytes.slice();
	reach(device, number, ({ events }) => {
		events.onData(copy);
		const json = JSON.stringify({ visit: number, count: copy.length });
		post(device, () => ({ kind: "visitRoom", json, bytes: noBytes, cost: 0 }));
	});
}

/** The firmware ends a connection; what it has written still comes. */
export function hangUpVisit(device: Device, number: number): void {
	reach(device, number, ({ events }) => {
		device.visits.delete(number);
		events.onEnd();
	});
}

/** The power is gone. */
export function endVisits(device: Device): void {
	const all = [...device.visits.values()];
	device.visits.clear();
	for (const { events } of all) events.onEnd();
}
