/**
 * Cuts the bytes of an MQTT 3.1.1 connection into packets, for a client that is to be spared some: the SDK's waits for ever
 * after a PUBLISH without payload (a retained message that somebody cleared), and reads a packet of any length into memory.
 */
export interface Inbound {
	/** The packet so far, from its first byte. */
	readonly packet: Uint8Array;
	/** Bytes of it. */
	count: number;
	/** Bytes that it has when it is whole; 0 while its length is still being read. */
	length: number;
	/** Bytes still to be dropped of a packet that does not fit. */
	dropping: number;
	/** How many packets were not handed on: too long, or a PUBLISH without payload. */
	dropped: number;
}

/** Bytes of the longest packet that the firmware has a use for. */
export const longestPacket = 1024;
/** CONNACK, the first packet that a broker sends. */
export const connack = 0x20;
const publish = 0x30;
const operationMask = 0xf0;
const lengthMask = 0x7f;
const lengthFollows = 0x80;
const longestHeader = 5;

/** `capacity`: bytes of the longest packet that is handed on. Allocates once. */
export function createInbound(capacity: number): Inbound {
	return { packet: new Uint8Array(capacity), count: 0, length: 0, dropping: 0, dropped: 0 };
}

/**
 * Takes `bytes` from `start` up to `end`. `onPacket` is called for each whole packet that is fit to be handed on, which lies
 * in `inbound.packet` up to `length`, during the call only; when it returns false, the rest is dropped. Returns false when
 * the bytes are not MQTT (a length of more than four bytes), after which the connection is of no use.
 */
export function acceptInbound(
	inbound: Inbound,
	bytes: Uint8Array,
	start: number,
	end: number,
	onPacket: (length: number) => boolean,
): boolean {
	const { packet } = inbound;
	let at = start;
	while (at < end) {
		if (inbound.dropping > 0) {
			const count = Math.min(inbound.dropping, end - at);
			inbound.dropping -= count;
			at += count;
			continue;
		}
		if (inbound.length === 0) {
			packet[inbound.count++] = bytes[at++]!;
			if (inbound.count < 2) continue;
			if (packet[inbound.count - 1]! & lengthFollows) {
				if (inbound.count === longestHeader) return false;
				continue;
			}
			const length = inbound.count + remainingLength(packet, inbound.count);
			if (length > packet.length) {
				inbound.dropping = length - inbound.count;
				inbound.dropped += 1;
				inbound.count = 0;
				continue;
			}
			inbound.length = length;
		} else {
			const count = Math.min(inbound.length - inbound.count, end - at);
			packet.set(bytes.subarray(at, at + count), inbound.count);
			inbound.count += count;
			at += count;
		}
		if (inbound.count < inbound.length) continue;
		const length = inbound.length;
		inbound.count = 0;
		inbound.length = 0;
		if (isEmptyPublish(packet, length)) inbound.dropped += 1;
		else if (!onPacket(length)) return true;
	}
	return true;
}

/** MQTT 3.1.1 clause 2.2.3: seven bits a byte, the lowest first. `end` is after the last byte of the length. */
function remainingLength(packet: Uint8Array, end: number): number {
	let length = 0;
	for (let at = end - 1; at >= 1; at--) length = length * 128 + (packet[at]! & lengthMask);
	return length;
}

function isEmptyPublish(packet: Uint8Array, length: number): boolean {
	if ((packet[0]! & operationMask) !== publish) return false;
	let at = 1;
	while (packet[at]! & lengthFollows) at += 1;
	const topicStart = at + 3;
	const topicLength = (packet[at + 1]! << 8) | packet[at + 2]!;
	const identifier = packet[0]! & 0x06 ? 2 : 0;
	return topicLength === 0 || topicStart + topicLength + identifier >= length;
}
