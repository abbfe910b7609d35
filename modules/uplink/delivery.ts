/** Writes messages to the broker, and waits for their acknowledgement. */
import { countHeld } from "../messages/chunks.js";
import type { MqttClient } from "../ports/mqtt.js";
import type { Connection } from "./connection.js";
import { giveBack, type Outbox, type QueuedMessage, setAside, settle, take } from "./outbox.js";
import {
	beginMessage,
	describe,
	type Encode,
	fillBlock,
	measure,
	mustWait,
	type OutgoingMessage,
	waitForRoomMs,
} from "./outgoing.js";
import { createRefusals, isSetAside, type Refusals, type UnderWay } from "./refusals.js";

/**
 * Writes messages to an accepted client: no byte more than there is room for, large messages in parts, a few unacknowledged at
 * a time. A long text is made and encoded in blocks, each when it is written, so that it is nowhere as a whole. What is not
 * acknowledged when the connection ends goes back to the outbox.
 */
export interface Delivery {
	/** QoS 1 without its acknowledgement, oldest first. */
	readonly inFlight: InFlight[];
	/** The last ones with QoS 0 since the last acknowledgement, which may not have come to the broker. */
	readonly unproven: UnderWay[];
	/** Taken from the outbox and not yet, or not wholly, written. */
	current: OutgoingMessage | null;
	/** How much more may be made in this run, in characters; and whether there was more to do. */
	left: number;
	isPaused: boolean;
	/** Packet identifier of the next message. */
	nextId: number;
	/** Why this connection is of no use, or null. */
	complaint: string | null;
	published: number;
	acknowledged: number;
	/** Writes that the client refused although it had reported room. */
	overflows: number;
	/** What this broker does not take. */
	readonly refusals: Refusals;
}

interface InFlight extends UnderWay {
	id: number;
	message: QueuedMessage;
}

const window = 4;
const mostUnproven = 8;
/** While so many characters are unacknowledged, nothing more is written: they stay in memory until then. */
const mostUnacknowledged = 8_192;
const acknowledgeMs = 20_000;
const writeMs = 20_000;
/** Characters of long texts that are made in one run; a message by itself costs as much as some of them. */
const mostMade = 512;
const messageCost = 128;

export function createDelivery(): Delivery {
	return {
		inFlight: [],
		unproven: [],
		current: null,
		left: 0,
		isPaused: false,
		nextId: 1,
		complaint: null,
		published: 0,
		acknowledged: 0,
		overflows: 0,
		refusals: createRefusals(),
	};
}

/** Writes as much as there is room for, and as one run may make: the rest is for the next run. Cost: two million instructions at most. */
export function pump(delivery: Delivery, connection: Connection, outbox: Outbox, encode: Encode, now: number): void {
	const client = connection.client;
	delivery.isPaused = false;
	if (client === null || !connection.accepted || connection.failed) return;
	delivery.left = mostMade;
	while (delivery.complaint === null) {
		if (delivery.current === null) {
			if (isFull(delivery) || !mayMake(delivery)) return;
			const message = take(outbox, now);
			if (message === null) return;
			delivery.current = beginMessage(message, takeId(delivery), delivery.refusals, encode, now);
			delivery.left -= messageCost;
		}
		const { current } = delivery;
		for (let made = 0; made >= 0; delivery.left -= made) {
			if (!mayMake(delivery)) return;
			made = measure(current, encode);
		}
		if (current.at === 0 && isSetAside(delivery.refusals, current.message.topic, current.length, now)) {
			delivery.refusals.count += 1;
			setAside(outbox, current.message);
			delivery.current = null;
			continue;
		}
		if (connection.writable <= 0 || !writeMessage(delivery, current, connection, client, encode, now)) return;
		finish(delivery, current, outbox, now);
	}
}

/** Whether this run may make more; if not, it goes on with the next. */
function mayMake(delivery: Delivery): boolean {
	if (delivery.left > 0) return true;
	delivery.isPaused = true;
	return false;
}

function isFull({ inFlight, refusals }: Delivery): boolean {
	if (refusals.careful) return inFlight.length > 0;
	let length = 0;
	for (const { message } of inFlight) length += countHeld(message.payload);
	return inFlight.length >= window || length >= mostUnacknowledged;
}

/** MQTT 3.1.1, 2.3.1: not 0, and none that is still in use. */
export function takeId(delivery: Delivery): number {
	for (;;) {
		const id = delivery.nextId;
		delivery.nextId = id < 65_535 ? id + 1 : 1;
		if (!delivery.inFlight.some(sent => sent.id === id)) return id;
	}
}

/** Writes a message or what there is room for of it; true when all of it is written. */
function writeMessage(
	delivery: Delivery,
	current: OutgoingMessage,
	connection: Connection,
	client: MqttClient,
	encode: Encode,
	now: number,
): boolean {
	if (current.at === 0 && mustWait(current, connection, now)) return false;
	do {
		if (current.block.length === 0 && current.at < current.length) {
			if (!mayMake(delivery)) return false;
			fillBlock(current, encode);
			delivery.left -= current.block.length;
		}
		const { block } = current;
		if (block.length === 0 && current.at < current.length) {
			delivery.complaint = "a message became shorter while it was written";
			return false;
		}
		const room = current.at === 0 ? connection.writable - current.header : connection.writable;
		if (room < Math.min(1, block.length)) return false;
		const part = block.length <= room ? block : block.slice(0, room);
		try {
			connection.writable = current.at === 0 ? client.write(part, describe(current)) : client.write(part);
		} catch (error) {
			noteRefusal(delivery, connection, error);
			return false;
		}
		current.at += part.length;
		current.block = block.slice(part.length);
	} while (current.at < current.length);
	return true;
}

function noteRefusal(delivery: Delivery, connection: Connection, error: unknown): void {
	const message = error instanceof Error ? error.message : String(error);
	delivery.overflows++;
	connection.writable = 0;
	if (message !== "overflow") delivery.complaint = `the client refused a message: ${message}`;
}

function finish(delivery: Delivery, current: OutgoingMessage, outbox: Outbox, now: number): void {
	delivery.current = null;
	delivery.published++;
	const { message, id, length, retained } = current;
	const underWay: UnderWay = { topic: message.topic, length, retained, since: now };
	if (current.quality === 0) {
		settle(outbox, message);
		delivery.unproven.push(underWay);
		if (delivery.unproven.length > mostUnproven) delivery.unproven.shift();
	} else {
		if (comesInAnotherForm(message)) message.payload = "";
		delivery.inFlight.push({ ...underWay, id, message });
	}
}

/** If it does not arrive: late readings and announcements are made anew, a reading with long texts comes late and without them. */
function comesInAnotherForm({ late, announced, sequence, payload }: QueuedMessage): boolean {
	return late || announced === true || (sequence !== null && typeof payload !== "string");
}

/** What was written, and may not have come to the broker. */
export function listUnderWay({ inFlight, unproven, current }: Delivery): UnderWay[] {
	const found: UnderWay[] = [...unproven, ...inFlight];
	if (current !== null && current.at > 0) {
		const { message, length, retained, since } = current;
		found.push({ topic: message.topic, length, retained, since });
	}
	return found;
}

/** PUBACK came. Null for one of a message that is not under way, which changes nothing. */
export function acknowledge(delivery: Delivery, outbox: Outbox, id: number): UnderWay | null {
	const { inFlight, unproven } = delivery;
	const at = inFlight.findIndex(sent => sent.id === id);
	if (at < 0) return null;
	const sent = inFlight[at]!;
	settle(outbox, sent.message);
	inFlight.splice(at, 1);
	// A broker reads one message after the other.
	while (unproven.length > 0 && unproven[0]!.since < sent.since) unproven.shift();
	delivery.acknowledged++;
	return sent;
}

/** When `pump` and `checkDelivery` have something to do at the latest, or Infinity. */
export function deliveryDeadline(delivery: Delivery, now: number): number {
	if (delivery.isPaused) return now;
	let deadline = Infinity;
	if (delivery.current !== null) {
		const roomTime = delivery.current.since + waitForRoomMs;
		deadline = delivery.current.at === 0 && now < roomTime ? roomTime : delivery.current.since + writeMs;
	}
	const oldest = delivery.inFlight[0];
	return oldest === undefined ? deadline : Math.min(deadline, oldest.since + acknowledgeMs);
}

/** Complains where something took too long. */
export function checkDelivery(delivery: Delivery, now: number): void {
	if (delivery.complaint !== null) return;
	const oldest = delivery.inFlight[0];
	if (oldest !== undefined && now >= oldest.since + acknowledgeMs) {
		delivery.complaint = "a message was not acknowledged in time";
	} else if (delivery.current !== null && now >= delivery.current.since + writeMs) {
		delivery.complaint = "a message was not taken in time";
	}
}

/** True while a message is written in parts: nothing else may be written then. */
export function isWriting(delivery: Delivery): boolean {
	return delivery.current !== null && delivery.current.at > 0;
}

/** The connection ended: all that is under way goes back to the outbox. */
export function resetDelivery(delivery: Delivery, outbox: Outbox): void {
	for (let at = delivery.inFlight.length - 1; at >= 0; at--) giveBack(outbox, delivery.inFlight[at]!.message);
	delivery.inFlight.length = 0;
	delivery.unproven.length = 0;
	if (delivery.current !== null) giveBack(outbox, delivery.current.message);
	delivery.current = null;
	delivery.complaint = null;
}
