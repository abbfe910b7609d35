import { generate, type IConnectPacket, type IPublishPacket, type Packet, type Parser, parser } from "mqtt-packet";
import { cancel, type Plan, plan, second, type WorldClock } from "./clock.js";
import { isIdentifier, judgeConnect, judgePublish } from "./mqtt-rules.js";
import { closeRemote, type Remote, type Socket, sendToDevice } from "./socket.js";

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
	readonly guests: Guest[];
	/** Accepted connections since the beginning. */
	accepted: number;
}

/** One connection. */
interface Guest {
	readonly broker: WorldBroker;
	readonly socket: Socket;
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
		guests: [],
		accepted: 0,
	};
}

/** Takes a connection, or refuses it. */
export function welcome(broker: WorldBroker, socket: Socket): Remote | null {
	if (!broker.up) return null;
	const guest: Guest = {
		broker,
		socket,
		parser: parser({ protocolVersion: 4 }),
		connect: null,
		accepted: false,
		closed: false,
		polite: false,
		waiting: [],
		unread: [],
		unreadLength: 0,
		working: null,
		keepAlive: null,
		sentAt: 0,
		identifiers: new Set(),
	};
	guest.parser.on("packet", packet => {
		if (packet.cmd === "publish") noteIdentifier(guest, packet);
		guest.waiting.push({ packet, sentAt: guest.sentAt });
		work(guest);
	});
	guest.parser.on("error", error => {
		complain(guest, `bytes that are no packet: ${error.message}`);
		dismiss(guest, true);
	});
	broker.guests.push(guest);
	// Whoever connects and says nothing is thrown out.
	guest.keepAlive = plan(broker.clock, 30 * second, () => dismiss(guest, true));
	return {
		onData: (bytes, sentAt) => receive(guest, bytes, sentAt),
		onEnd: () => dismiss(guest, false),
		held: () => guest.unreadLength,
	};
}

function complain(guest: Guest, text: string): void {
	guest.broker.events.onViolation(`MQTT: ${text}`);
}

function receive(guest: Guest, bytes: Uint8Array, sentAt: number): void {
	const { broker } = guest;
	if (guest.closed) return;
	if (broker.stopped) {
		guest.unread.push({ bytes, sentAt });
		guest.unreadLength += bytes.length;
		return;
	}
	let whole = bytes;
	if (broker.dieAfter >= 0 && bytes.length > broker.dieAfter) {
		whole = bytes.subarray(0, broker.dieAfter);
		parse(guest, whole, sentAt);
		broker.dieAfter = -1;
		broker.onDeath?.();
		return;
	}
	if (broker.dieAfter >= 0) broker.dieAfter -= bytes.length;
	parse(guest, whole, sentAt);
}

function parse(guest: Guest, bytes: Uint8Array, sentAt: number): void {
	guest.sentAt = sentAt;
	watch(guest);
	guest.parser.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

/** One and a half of the keep-alive time without a byte ends the connection (3.1.2.10). */
function watch(guest: Guest): void {
	const { connect, broker } = guest;
	if (connect === null) return;
	cancel(guest.keepAlive);
	guest.keepAlive = plan(broker.clock, 1.5 * (connect.keepalive ?? 0) * second, () => dismiss(guest, false));
}

function work(guest: Guest): void {
	const { broker } = guest;
	if (guest.working !== null || guest.waiting.length === 0) return;
	if (broker.delay === 0) {
		const { packet, sentAt } = guest.waiting.shift()!;
		handle(guest, packet, sentAt);
		work(guest);
		return;
	}
	guest.working = plan(broker.clock, broker.delay, () => {
		guest.working = null;
		const { packet, sentAt } = guest.waiting.shift()!;
		handle(guest, packet, sentAt);
		work(guest);
	});
}

function handle(guest: Guest, packet: Packet, sentAt: number): void {
	if (guest.closed) return;
	if (guest.polite) complain(guest, `${packet.cmd} after DISCONNECT (3.14.4)`);
	if (packet.cmd === "connect") {
		handleConnect(guest, packet);
		return;
	}
	if (guest.connect === null) {
		complain(guest, `${packet.cmd} before CONNECT (3.1)`);
		dismiss(guest, true);
		return;
	}
	switch (packet.cmd) {
		case "publish":
			handlePublish(guest, packet, sentAt);
			break;
		case "pingreq":
			reply(guest, { cmd: "pingresp" });
			break;
		case "disconnect":
			guest.polite = true;
			break;
		case "subscribe":
			if (!isIdentifier(packet.messageId)) complain(guest, "SUBSCRIBE without an identifier (2.3.1)");
			reply(guest, { cmd: "suback", messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 0) });
			break;
		default:
			complain(guest, `${packet.cmd} from a client that has no use for it`);
	}
}

function handleConnect(guest: Guest, packet: IConnectPacket): void {
	const { broker } = guest;
	if (guest.connect !== null) {
		complain(guest, "a second CONNECT (3.1)");
		dismiss(guest, true);
		return;
	}
	for (const fault of judgeConnect(packet)) complain(guest, fault);
	guest.connect = packet;
	watch(guest);
	if (broker.answer !== 0) {
		reply(guest, { cmd: "connack", returnCode: broker.answer, sessionPresent: false });
		guest.polite = true;
		dismiss(guest, false);
		return;
	}
	// A client of the same name takes the place of the other one (3.1.4).
	for (const other of [...broker.guests]) {
		if (other !== guest && other.connect?.clientId === packet.clientId) dismiss(other, false);
	}
	guest.accepted = true;
	broker.accepted += 1;
	reply(guest, { cmd: "connack", returnCode: 0, sessionPresent: false });
	broker.events.onSession(true);
}

function handlePublish(guest: Guest, packet: IPublishPacket, sentAt: number): void {
	const { identifiers, broker } = guest;
	const { topic, qos, retain, messageId } = packet;
	for (const fault of judgePublish(packet)) complain(guest, fault);
	keep(broker, {
		topic,
		payload: packet.payload.toString(),
		quality: qos,
		retain: retain === true,
		sentAt,
		will: false,
	});
	if (qos === 1 && !broker.mute) {
		identifiers.delete(messageId!);
		reply(guest, { cmd: "puback", messageId: messageId! });
	}
}

/** An identifier is in use from the arrival of its message until the acknowledgement leaves. */
function noteIdentifier(guest: Guest, packet: IPublishPacket): void {
	const { messageId, qos } = packet;
	if (qos === 0) return;
	if (!isIdentifier(messageId)) complain(guest, `identifier ${messageId} (2.3.1)`);
	else if (guest.identifiers.has(messageId!)) complain(guest, `identifier ${messageId} is in use (2.3.1)`);
	else guest.identifiers.add(messageId!);
}

function keep(broker: WorldBroker, publication: Publication): void {
	if (publication.retain) {
		if (publication.payload === "") broker.retained.delete(publication.topic);
		else broker.retained.set(publication.topic, publication.payload);
	}
	broker.events.onPublish(publication);
}

function reply(guest: Guest, packet: Packet): void {
	if (!guest.closed) sendToDevice(guest.socket, generate(packet));
}

/** The connection ends; the last will speaks unless the device said goodbye. */
function dismiss(guest: Guest, reset: boolean): void {
	if (guest.closed) return;
	const { broker, connect } = guest;
	guest.closed = true;
	cancel(guest.keepAlive);
	cancel(guest.working);
	const at = broker.guests.indexOf(guest);
	if (at >= 0) broker.guests.splice(at, 1);
	closeRemote(guest.socket, reset);
	if (!guest.accepted) return;
	broker.events.onSession(false);
	const will = connect?.will;
	if (will === undefined || guest.polite || !broker.up) return;
	const { topic, qos, retain } = will;
	const payload = will.payload.toString();
	keep(broker, { topic, payload, quality: qos ?? 0, retain: retain === true, sentAt: broker.clock.now, will: true });
}

/** The program dies and its system resets all connections. `forget`: it comes back without what it retained. */
export function killBroker(broker: WorldBroker, forget: boolean): void {
	broker.up = false;
	broker.stopped = false;
	broker.dieAfter = -1;
	for (const guest of [...broker.guests]) dismiss(guest, true);
	if (forget) broker.retained.clear();
}

export function startBroker(broker: WorldBroker): void {
	broker.up = true;
}

/** Stops reading and answering, as a process that is suspended, or goes on with all that came meanwhile. */
export function stopBroker(broker: WorldBroker, stopped: boolean): void {
	broker.stopped = stopped;
	if (stopped) return;
	for (const guest of [...broker.guests]) {
		const unread = guest.unread;
		guest.unread = [];
		guest.unreadLength = 0;
		for (const { bytes, sentAt } of unread) receive(guest, bytes, sentAt);
	}
}
