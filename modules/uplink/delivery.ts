import { countHeld, countPieces, makePiece } from "../messages/chunks.js";
import type { MqttClient, MqttPublish } from "../ports/mqtt.js";
import type { Link } from "./connection.js";
import { giveBack, type Outbox, type Parcel, settle, take } from "./outbox.js";

/**
 * Writes messages to an accepted client: no byte more than there is room for, large messages in parts, a few unacknowledged at
 * a time. A long text is made and encoded in blocks, each when it is written, so that it is nowhere as a whole. What is not
 * acknowledged when the connection ends goes back to the outbox.
 */
export interface Delivery {
	/** QoS 1 without its acknowledgement, oldest first. */
	readonly flying: Flight[];
	/** Taken from the outbox and not yet, or not wholly, written. */
	next: Shipment | null;
	/** Packet identifier of the next message. */
	nextId: number;
	/** Why this connection is of no use, or null. */
	complaint: string | null;
	published: number;
	acknowledged: number;
	/** Writes that the client refused although it had told of room. */
	overflows: number;
}

interface Flight {
	id: number;
	parcel: Parcel;
	/** When it was written. */
	since: number;
}

interface Shipment {
	parcel: Parcel;
	id: number;
	/** Bytes of the packet before the payload, and of the payload. */
	header: number;
	length: number;
	/** Bytes of the payload that are written; the rest is under way in parts when it is not 0. */
	at: number;
	/** Bytes that come next, and the payload's piece behind them. */
	block: Uint8Array;
	piece: number;
	/** When it was taken. */
	since: number;
}

type Encode = (text: string) => Uint8Array;

const window = 4;
/** While so many characters are unacknowledged, nothing more is written: they are in memory until they are. */
const mostFlying = 8_192;
const acknowledgeMs = 20_000;
const writeMs = 20_000;
/** How long a message waits for room to be written whole. After that it goes in parts, for a full buffer always comes back. */
const patienceMs = 1_000;
/** A first part carries at least so much payload. */
const smallestPart = 64;
/** Pieces are encoded and written together until they have so many characters. */
const blockLength = 1_024;

export function createDelivery(): Delivery {
	return { flying: [], next: null, nextId: 1, complaint: null, published: 0, acknowledged: 0, overflows: 0 };
}

/** Writes as much as there is room for. Cost: the messages' lengths. */
export function pump(delivery: Delivery, link: Link, outbox: Outbox, encode: Encode, now: number): void {
	const client = link.client;
	if (client === null || !link.accepted || link.failed) return;
	while (delivery.complaint === null) {
		if (delivery.next === null) {
			if (isFull(delivery)) return;
			const parcel = take(outbox, now);
			if (parcel === null) return;
			delivery.next = createShipment(delivery, parcel, encode, now);
		}
		if (link.writable <= 0 || !ship(delivery, delivery.next, link, client, encode, now)) return;
		finish(delivery, delivery.next, outbox, now);
	}
}

function isFull({ flying }: Delivery): boolean {
	let length = 0;
	for (const { parcel } of flying) length += countHeld(parcel.payload);
	return flying.length >= window || length >= mostFlying;
}

function createShipment(delivery: Delivery, parcel: Parcel, encode: Encode, now: number): Shipment {
	const { payload } = parcel;
	const count = countPieces(payload);
	// A short text is encoded once; of a long one only the length is kept, which the packet begins with.
	const block = count === 1 ? encode(makePiece(payload, 0)) : new Uint8Array(0);
	let length = block.length;
	if (count > 1) for (let at = 0; at < count; at++) length += encode(makePiece(payload, at)).length;
	const variable = 2 + encode(parcel.topic).length + (parcel.quality === 0 ? 0 : 2);
	const whole = variable + length;
	const header = variable + (whole < 128 ? 2 : whole < 16_384 ? 3 : 4);
	return { parcel, id: takeId(delivery), header, length, at: 0, block, piece: count === 1 ? 1 : 0, since: now };
}

/** MQTT 3.1.1, 2.3.1: not 0, and none that is still in use. */
export function takeId(delivery: Delivery): number {
	for (;;) {
		const id = delivery.nextId;
		delivery.nextId = id < 65_535 ? id + 1 : 1;
		if (!delivery.flying.some(flight => flight.id === id)) return id;
	}
}

/** Writes a message or what there is room for of it; true when all of it is written. */
function ship(
	delivery: Delivery,
	shipment: Shipment,
	link: Link,
	client: MqttClient,
	encode: Encode,
	now: number,
): boolean {
	if (shipment.at === 0 && mustWait(shipment, link, now)) return false;
	do {
		if (shipment.block.length === 0) fillBlock(shipment, encode);
		const { block } = shipment;
		if (block.length === 0 && shipment.at < shipment.length) {
			delivery.complaint = "a message became shorter while it was written";
			return false;
		}
		const room = shipment.at === 0 ? link.writable - shipment.header : link.writable;
		if (room < Math.min(1, block.length)) return false;
		const part = block.length <= room ? block : block.slice(0, room);
		try {
			link.writable = shipment.at === 0 ? client.write(part, describe(shipment)) : client.write(part);
		} catch (error) {
			noteRefusal(delivery, link, error);
			return false;
		}
		shipment.at += part.length;
		shipment.block = block.slice(part.length);
	} while (shipment.at < shipment.length);
	return true;
}

/** A message that is begun must be ended before anything else; so it is begun when there is room for all of it, or patience ends. */
function mustWait({ header, length, since }: Shipment, link: Link, now: number): boolean {
	const room = link.writable - header;
	if (length <= room) return false;
	return room < smallestPart || (header + length <= link.largest && now < since + patienceMs);
}

function fillBlock(shipment: Shipment, encode: Encode): void {
	const { payload } = shipment.parcel;
	const count = countPieces(payload);
	let { piece } = shipment;
	let text = "";
	while (text.length < blockLength && piece < count) text += makePiece(payload, piece++);
	shipment.block = encode(text);
	shipment.piece = piece;
}

function describe({ parcel, length, id }: Shipment): MqttPublish {
	return { topic: parcel.topic, QoS: parcel.quality, retain: parcel.retain, byteLength: length, id };
}

function noteRefusal(delivery: Delivery, link: Link, error: unknown): void {
	const message = error instanceof Error ? error.message : String(error);
	delivery.overflows++;
	link.writable = 0;
	if (message !== "overflow") delivery.complaint = `the client refused a message: ${message}`;
}

function finish(delivery: Delivery, shipment: Shipment, outbox: Outbox, now: number): void {
	delivery.next = null;
	delivery.published++;
	if (shipment.parcel.quality === 0) settle(outbox, shipment.parcel);
	else delivery.flying.push({ id: shipment.id, parcel: shipment.parcel, since: now });
}

/** PUBACK came. One for a message that is not under way changes nothing. */
export function acknowledge(delivery: Delivery, outbox: Outbox, id: number): void {
	const at = delivery.flying.findIndex(flight => flight.id === id);
	if (at < 0) return;
	settle(outbox, delivery.flying[at]!.parcel);
	delivery.flying.splice(at, 1);
	delivery.acknowledged++;
}

/** When `pump` and `checkDelivery` have something to do at the latest, or Infinity. */
export function deliveryDeadline(delivery: Delivery, now: number): number {
	let deadline = Infinity;
	if (delivery.next !== null) {
		const patient = delivery.next.since + patienceMs;
		deadline = delivery.next.at === 0 && now < patient ? patient : delivery.next.since + writeMs;
	}
	const flight = delivery.flying[0];
	return flight === undefined ? deadline : Math.min(deadline, flight.since + acknowledgeMs);
}

/** Complains where something took too long. */
export function checkDelivery(delivery: Delivery, now: number): void {
	if (delivery.complaint !== null) return;
	const flight = delivery.flying[0];
	if (flight !== undefined && now >= flight.since + acknowledgeMs) {
		delivery.complaint = "a message was not acknowledged in time";
	} else if (delivery.next !== null && now >= delivery.next.since + writeMs) {
		delivery.complaint = "a message was not taken in time";
	}
}

/** True while a message is written in parts: nothing else may be written then. */
export function isWriting(delivery: Delivery): boolean {
	return delivery.next !== null && delivery.next.at > 0;
}

/** The connection ended: all that is under way goes back to the outbox. */
export function resetDelivery(delivery: Delivery, outbox: Outbox): void {
	for (let at = delivery.flying.length - 1; at >= 0; at--) giveBack(outbox, delivery.flying[at]!.parcel);
	delivery.flying.length = 0;
	if (delivery.next !== null) giveBack(outbox, delivery.next.parcel);
	delivery.next = null;
	delivery.complaint = null;
}
