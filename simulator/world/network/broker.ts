import type { WorldClock } from "../clock.js";
import { type BrokerConnection, dismiss, goOn, openConnection } from "./broker-connection.js";
import type { Remote, Socket } from "./socket.js";

/** A publication that reached the broker whole. */
export interface Publication {
	topic: string;
	payload: string;
	quality: number;
	retain: boolean;
	/** When the device wrote its last byte, in the world's microseconds; for a last will, the broker's time. */
	sentAt: number;
	will: boolean;
}

/** What happens at the broker that others must know. */
export interface BrokerEvents {
	onPublish(publication: Publication): void;
	/** CONNECT was accepted, or such a connection ended. */
	onSession(open: boolean): void;
	/** The device broke a rule of MQTT 3.1.1, or of what we promise. */
	onViolation(text: string): void;
}

/**
 * An MQTT 3.1.1 broker for one device that believes nothing: it checks every rule that the firmware relies on, and can be
 * slow, full, refusing, dead at any byte.
 */
export interface WorldBroker {
	readonly clock: WorldClock;
	readonly events: BrokerEvents;
	up: boolean;
	/** The program does not read or answer; its system takes what the window holds. */
	stopped: boolean;
	/** It takes messages, and does not acknowledge them. */
	mute: boolean;
	/** Microseconds before each packet is looked at. */
	delay: number;
	/** The code of CONNACK: 0 accepts, 3 is not available, 5 not authorized. */
	answer: number;
	/** It dies after so many more bytes, or -1. */
	dieAfter: number;
	onDeath: (() => void) | null;
	/** The latest retained message of each topic. */
	readonly retained: Map<string, string>;
	readonly connections: BrokerConnection[];
	/** Accepted connections since the beginning. */
	accepted: number;
}

export function createWorldBroker(clock: WorldClock, events: BrokerEvents): WorldBroker {
	return {
		clock,
		events,
		up: true,
		stopped: false,
		mute: false,
		delay: 0,
		answer: 0,
		dieAfter: -1,
		onDeath: null,
		retained: new Map(),
		connections: [],
		accepted: 0,
	};
}

/** Takes a connection, or refuses it. */
export function welcome(broker: WorldBroker, socket: Socket): Remote | null {
	return broker.up ? openConnection(broker, socket, publication => keep(broker, publication)) : null;
}

function keep(broker: WorldBroker, publication: Publication): void {
	if (publication.retain) {
		if (publication.payload === "") broker.retained.delete(publication.topic);
		else broker.retained.set(publication.topic, publication.payload);
	}
	broker.events.onPublish(publication);
}

/** The program dies and its system resets all connections. `forget`: it comes back without what it retained. */
export function killBroker(broker: WorldBroker, forget: boolean): void {
	broker.up = false;
	broker.stopped = false;
	broker.dieAfter = -1;
	for (const connection of [...broker.connections]) dismiss(connection, true);
	if (forget) broker.retained.clear();
}

export function startBroker(broker: WorldBroker): void {
	broker.up = true;
}

/** Stops reading and answering, as a process that is suspended, or goes on with all that came meanwhile. */
export function stopBroker(broker: WorldBroker, stopped: boolean): void {
	broker.stopped = stopped;
	if (stopped) return;
	for (const connection of [...broker.connections]) goOn(connection);
}
