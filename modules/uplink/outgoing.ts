/** A message that is being written: its packet's header, and its payload in blocks. */
import { longestWhole, makeChunk } from "../messages/chunks.js";
import type { MqttPublish } from "../ports/mqtt.js";
import type { Connection } from "./connection.js";
import type { QueuedMessage } from "./outbox.js";
import type { Refusals } from "./refusals.js";

/** A message that is taken from the outbox and not yet, or not wholly, written. */
export interface OutgoingMessage {
	message: QueuedMessage;
	id: number;
	/** The message's own, or 1 while one message at a time is sent. */
	quality: 0 | 1;
	retained: boolean;
	/** Bytes of the packet before the payload, and of the payload; of both, as far as pieces before `measured` go, or `noMore`. */
	header: number;
	length: number;
	measured: number;
	/** Bytes of the payload that are written; when this is not 0, the rest follows in parts. */
	at: number;
	/** Bytes that come next, and the payload's piece behind them, or `noMore`. */
	block: Uint8Array;
	chunk: number;
	/** When it was taken. */
	since: number;
}

export type Encode = (text: string) => Uint8Array;

/** How long a message waits for room to be written whole. After that it goes in parts, as buffers empty again. */
export const waitForRoomMs = 1_000;
/** A first part carries at least so much payload. */
const smallestPart = 64;
/** Pieces are encoded and written together until they have so many characters. */
const blockLength = 512;
const noMore = -1;

/** A message that is to be written as `id`. Of a long one the length is not known yet: see `measure`. */
export function beginMessage(
	message: QueuedMessage,
	id: number,
	{ careful, retain }: Refusals,
	encode: Encode,
	now: number,
): OutgoingMessage {
	const { payload } = message;
	// A short text is encoded once; of a long one only the length is kept, which the packet begins with.
	const isShort = typeof payload === "string" && payload.length <= longestWhole;
	const block = isShort ? encode(payload) : new Uint8Array(0);
	const length = block.length;
	const quality = careful ? 1 : message.quality;
	const retained = message.retain && retain !== "no";
	const header = 2 + encode(message.topic).length + (quality === 0 ? 0 : 2);
	const chunk = isShort ? noMore : 0;
	const begun = { message, id, quality, retained, header, length, measured: chunk, at: 0, block, chunk, since: now };
	if (isShort) addPrefix(begun);
	return begun;
}

/** Counts the bytes of the next piece of the payload: how many characters that has, or -1 where all of them are counted. */
export function measure(current: OutgoingMessage, encode: Encode): number {
	if (current.measured === noMore) return -1;
	const piece = makeChunk(current.message.payload, current.measured);
	if (piece === null) {
		current.measured = noMore;
		addPrefix(current);
		return -1;
	}
	// First what may fail for memory: then the same piece comes next time.
	current.length += encode(piece).length;
	current.measured += 1;
	return piece.length;
}

/** Packet type and remaining length (MQTT 3.1.1, 2.2.3), which are before the header. */
function addPrefix(current: OutgoingMessage): void {
	const whole = current.header + current.length;
	current.header += whole < 128 ? 2 : whole < 16_384 ? 3 : 4;
}

/** A message that is begun must be ended before anything else; so it is begun when there is room for all of it, or when it has waited long enough. */
export function mustWait({ header, length, since }: OutgoingMessage, connection: Connection, now: number): boolean {
	const room = connection.writable - header;
	if (length <= room) return false;
	return room < smallestPart || (header + length <= connection.largest && now < since + waitForRoomMs);
}

/** Makes the next pieces, where nothing is left of those before. */
export function fillBlock(current: OutgoingMessage, encode: Encode): void {
	const { payload } = current.message;
	let { chunk } = current;
	let text = "";
	while (text.length < blockLength && chunk !== noMore) {
		const piece = makeChunk(payload, chunk);
		text += piece ?? "";
		chunk = piece === null ? noMore : chunk + 1;
	}
	// First what may fail for memory: then the same pieces come next time.
	current.block = encode(text);
	current.chunk = chunk;
}

export function describe({ message, length, id, quality, retained }: OutgoingMessage): MqttPublish {
	return { topic: message.topic, QoS: quality, retain: retained, byteLength: length, id };
}
