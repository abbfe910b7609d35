/** The records of the world's broker and of its connections, apart from what they do. */

import type { IConnectPacket, Packet, Parser } from "mqtt-packet";
import type { Plan, WorldClock } from "../clock.js";
import type { Socket } from "./socket.js";

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
	/** The longest payload that it takes, in bytes; it closes the connection at a longer one. */
	largest: number;
	/** False: it closes the connection at a last will or a message that is to be retained. */
	retains: boolean;
	/** When it closed connections at messages, by topic, or at CONNECT. */
	readonly refusals: { topic: string; at: number }[];
	/** It dies after so many more bytes, or -1. */
	dieAfter: number;
	onDeath: (() => void) | null;
	/** The latest retained message of each topic. */
	readonly retained: Map<string, string>;
	readonly connections: BrokerConnection[];
	/** Accepted connections since the beginning. */
	accepted: number;
}

/** One connection of a broker: what came on it, and what MQTT 3.1.1 asks of both sides of it. */
export interface BrokerConnection {
	readonly broker: WorldBroker;
	readonly socket: Socket;
	/** Takes what the client publishes, and its last will. */
	readonly onPublication: (publication: Publication) => void;
	readonly parser: Parser;
	connect: IConnectPacket | null;
	/** Accepted, and neither side has ended it. */
	accepted: boolean;
	closed: boolean;
	/** Said goodbye: its last will is not published. */
	polite: boolean;
	readonly waiting: { packet: Packet; sentAt: number }[];
	unread: { bytes: Uint8Array; sentAt: number }[];
	unreadLength: number;
	working: Plan | null;
	keepAlive: Plan | null;
	sentAt: number;
	/** Identifiers that came and whose acknowledgement is not sent yet. */
	readonly identifiers: Set<number>;
}
