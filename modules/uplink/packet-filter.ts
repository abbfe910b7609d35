/**
 * Cuts the bytes of an MQTT 3.1.1 connection into packets, for a client that is to be spared some: the SDK's waits for ever
 * after a PUBLISH without payload (a retained message that somebody cleared), and reads a packet of any length into memory.
 */
export interface PacketFilter {
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
export function createPacketFilter(capacity: number): PacketFilter {
	return { packet: new Uint8Array(capacity), count: 0, length: 0, dropping: 0, dropped: 0 };
}

/**
 * Takes `bytes` from `start` up to `end`. `onPacket` is called for each whole packet that is fit to be handed on, which lies
 * in `filter.packet` up to `length`, during the call only; when it returns false, the rest is dropped. Returns false when
 * the bytes are not MQTT (a length of more than four bytes), after which the connection is of no use.
 */
export function filterPackets(
	filter: PacketFilter,
	bytes: Uint8Array,
	start: number,
	end: number,
	onPacket: (length: number) => boolean,
): boolean {
	const { packet } = filter;
	let at = start;
	while (at < end) {
		if (filter.dropping > 0) {
			const count = Math.min(filter.dropping, end - at);
			filter.dropping -= count;
			at += count;
			continue;
		}
		if (filter.length === 0) {
			packet[filter.count++] = bytes[at++]!;
			if (filter.count < 2) continue;
			if (packet[filter.count - 1]! & lengthFollows) {
				if (filter.count === longestHeader) return false;
				continue;
			}
			const length = filter.count + remainingLength(packet, filter.count);
			if (length > packet.length) {
				filter.dropping = length - filter.count;
				filter.dropped += 1;
				filter.count = 0;
				continue;
			}
			filter.length = length;
		} else {
			const count = Math.min(filter.length - filter.count, end - at);
			packet.set(bytes.subarray(at, at + count), filter.count);
			filter.count += count;
			at += count;
		}
		if (filter.count < filter.length) continue;
		const length = filter.length;
		filter.count = 0;
		filter.length = 0;
		if (isEmptyPublish(packet, length)) filter.dropped += 1;
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
