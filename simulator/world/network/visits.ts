/** Clients that come to the device's servers over the house's network. */

import type { Admit, Stream, StreamEvents } from "../../../modules/ports/ports.js";
import type { OpenListener } from "../board/state.js";
import { plan, type WorldClock } from "../clock.js";
import { drawLatency, isPathWhole, type Radio } from "./network.js";

/** The ports on which the device listens, and the way there. */
export interface House {
	readonly clock: WorldClock;
	readonly radio: Radio;
	readonly ports: Map<number, Admit>;
	/** The name of the device's own access point, or null while it has none. */
	air: string | null;
}

/** What a client hears. */
export interface VisitEvents {
	onData(bytes: Uint8Array): void;
	/** The device has ended the connection, or lost its power. */
	onEnd(): void;
}

export interface Visit {
	send(bytes: Uint8Array): void;
	leave(): void;
}

/** The device's listener port. */
export function openPortOf({ ports }: House): OpenListener {
	return (port, admit) => {
		ports.set(port, admit);
		return {
			close() {
				if (ports.get(port) === admit) ports.delete(port);
			},
		};
	};
}

/**
 * Connects to a port of the device; null where nothing listens there, or nothing comes through. What goes one way comes in order.
 * `inAir`: from the device's own access point, which is gone for a while when its radio looks for another channel.
 */
export function visitDevice(house: House, port: number, events: VisitEvents, inAir = false): Visit | null {
	const { clock, radio, ports } = house;
	const admit = ports.get(port);
	const isThere = inAir ? house.air !== null && radio.state !== "connecting" : isPathWhole(radio);
	if (admit === undefined || !isThere) return null;
	let device: StreamEvents | null = null;
	let isOver = false;
	let arrived = clock.now;
	let returned = clock.now;
	const reach = (action: () => void) => {
		arrived = Math.max(arrived, clock.now + drawLatency(radio.chance));
		plan(clock, arrived - clock.now, () => {
			if (!isOver) action();
		});
	};
	const answer = (action: () => void) => {
		returned = Math.max(returned, clock.now + drawLatency(radio.chance));
		plan(clock, returned - clock.now, action);
	};
	const end = () => {
		if (isOver) return;
		isOver = true;
		events.onEnd();
	};
	let pending = 0;
	const stream: Stream = {
		remote: inAir ? "192.168.4.2" : "192.168.1.7",
		get pending() {
			return pending;
		},
		write(bytes, start, until) {
			const copy = bytes.slice(start, until);
			pending += copy.length;
			answer(() => {
				pending -= copy.length;
				if (isOver) return;
				events.onData(copy);
				device?.onWritable();
			});
			return until - start;
		},
		close: () => answer(end),
	};
	reach(() => {
		device = ports.get(port) === admit ? admit(() => stream) : null;
		if (device === null) end();
	});
	return {
		send: bytes => reach(() => device?.onData(bytes, bytes.length)),
		leave: () =>
			reach(() => {
				isOver = true;
				device?.onEnd();
			}),
	};
}
