/** Writes messages to the broker, and waits for their acknowledgement. */
import { countChunks, countHeld, makeChunk } from "../messages/chunks.js";
import type { MqttClient, MqttPublish } from "../ports/mqtt.js";
import type { Connection } from "./connection.js";
import { giveBack, type Outbox, type QueuedMessage, settle, take } from "./outbox.js";

/**
 * Writes messages to an accepted client: no byte more than there is room for, large messages in parts, a few unacknowledged at
 * a time. A long text is made and encoded in blocks, each when it is written, so that it is nowhere as a whole. What is not
 * acknowledged when the connection ends goes back to the outbox.
 */
export interface Delivery {
	/** QoS 1 without its acknowledgement, oldest first. */
	readonly inFlight: InFlight[];
	/** Taken from the outbox and not yet, or not wholly, written. */
	current: OutgoingMessage | null;
	/** Packet identifier of the next message. */
	nextId: number;
	/** Why this connection is of no use, or null. */
	complaint: string | null;
	published: number;
	acknowledged: number;
	/** Writes that the client refused although it had reported room. */
	overflows: number;
}

interface InFlight {
	id: number;
	message: QueuedMessage;
	/** When it was written. */
	since: number;
}

interface OutgoingMessage {
	message: QueuedMessage;
	id: number;
	/** Bytes of the packet before the payload, and of the payload. */
	header: number;
	length: number;
	/** Bytes of the payload that are written; when this is not 0, the rest follows in parts. */
	at: number;
	/** Bytes that come next, and the payload's piece behind them. */
	block: Uint8Array;
	chunk: number;
	/** When it was taken. */
	since: number;
}

type Encode = (text: string) => Uint8Array;

const window = 4;
/** While so many characters are unacknowledged, nothing more is written: they stay in memory until then. */
const mostUnacknowledged = 8_192;
const acknowledgeMs = 20_000;
const writeMs = 20_000;
/** How long a message waits for room to be written whole. After that it goes in parts, as buffers empty again. */
const waitForRoomMs = 1_000;
/** A first part carries at least so much payload. */
const smallestPart = 64;
/** Pieces are encoded and written together until they have so many characters. */
const blockLength = 1_024;

export function createDelivery(): Delivery {
	return { inFlight: [], current: null, nextId: 1, complaint: null, published: 0, acknowledged: 0, overflows: 0 };
}

/** Writes as much as there is room for. Cost: the messages' lengths. */
export function pump(delivery: Delivery, connection: Connection, outbox: Outbox, encode: Encode, now: number): void {
	const client = connection.client;
	if (client === null || !connection.accepted || connection.failed) return;
	while (delivery.complaint === null) {
		if (delivery.current === null) {
			if (isFull(delivery)) return;
			const message = take(outbox, now);
			if (message === null) return;
			delivery.current = beginMessage(delivery, message, encode, now);
		}
		if (connection.writable <= 0 || !writeMessage(delivery, delivery.current, connection, client, encode, now)) return;
		finish(delivery, delivery.current, outbox, now);
	}
}

function isFull({ inFlight }: Delivery): boolean {
	let length = 0;
	for (const { message } of inFlight) length += countHeld(message.payload);
	return inFlight.length >= window || length >= mostUnacknowledged;
}

function beginMessage(delivery: Delivery, message: QueuedMessage, encode: Encode, now: number): OutgoingMessage {
	const { payload } = message;
	const count = countChunks(payload);
	// A short text is encoded once; of a long one only the length is kept, which the packet begins with.
	const block = count === 1 ? encode(makeChunk(payload, 0)) : new Uint8Array(0);
	let length = block.length;
	if (count > 1) for (let at = 0; at < count; at++) length += encode(makeChunk(payload, at)).length;
	const variable = 2 + encode(message.topic).length + (message.quality === 0 ? 0 : 2);
	const whole = variable + length;
	const header = variable + (whole < 128 ? 2 : whole < 16_384 ? 3 : 4);
	return { message, id: takeId(delivery), header, length, at: 0, block, chunk: count === 1 ? 1 : 0, since: now };
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
		if (current.block.length === 0) fillBlock(current, encode);
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

/** A message that is begun must be ended before anything else; so it is begun when there is room for all of it, or when it has waited long enough. */
function mustWait({ header, length, since }: OutgoingMessage, connection: Connection, now: number): boolean {
	const room = connection.writable - header;
	if (length <= room) return false;
	return room < smallestPart || (header + length <= connection.largest && now < since + waitForRoomMs);
}

function fillBlock(current: OutgoingMessage, encode: Encode): void {
	const { payload } = current.message;
	const count = countChunks(payload);
	let { chunk } = current;
	let text = "";
	while (text.length < blockLength && chunk < count) text += makeChunk(payload, chunk++);
	current.block = encode(text);
	current.chunk = chunk;
}

function describe({ message, length, id }: OutgoingMessage): MqttPublish {
	return { topic: message.topic, QoS: message.quality, retain: message.retain, byteLength: length, id };
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
	if (current.message.quality === 0) settle(outbox, current.message);
	else delivery.inFlight.push({ id: current.id, message: current.message, since: now });
}

/** PUBACK came. One for a message that is not under way changes nothing. */
export function acknowledge(delivery: Delivery, outbox: Outbox, id: number): void {
	const at = delivery.inFlight.findIndex(sent => sent.id === id);
	if (at < 0) return;
	settle(outbox, delivery.inFlight[at]!.message);
	delivery.inFlight.splice(at, 1);
	delivery.acknowledged++;
}

/** When `pump` and `checkDelivery` have something to do at the latest, or Infinity. */
export function deliveryDeadline(delivery: Delivery, now: number): number {
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
	if (delivery.current !== null) giveBack(outbox, delivery.current.message);
	delivery.current = null;
	delivery.complaint = null;
}
