/** Packets of Improv between the lines of the serial console: taken out before the line editor, which would echo them. */
import type { OnPacket } from "../ports/ports.js";

/**
 * A packet is `IMPROV`, the version 1, its type, the length of its data, the data, and the sum of all bytes before it. Any of these may be
 * a line's end, so that it is taken by its length. What is held back is typed as soon as it cannot be the beginning of one.
 */
export interface PacketFilter {
	readonly held: number[];
}

const prefix: readonly number[] = Object.freeze([0x49, 0x4d, 0x50, 0x52, 0x4f, 0x56, 1]);
const typeAt = 7;
const lengthAt = 8;
const dataAt = 9;
const lineFeed = 10;

export function createPacketFilter(): PacketFilter {
	return { held: [] };
}

/** `type` gets what is no part of a packet. */
export function filterByte(filter: PacketFilter, byte: number, type: (byte: number) => void, onPacket: OnPacket): void {
	const { held } = filter;
	const at = held.length;
	if (at < prefix.length && byte !== prefix[at]) {
		for (const before of held.splice(0)) type(before);
		// Only the first letter of the prefix is there once, so that a new one can begin here and nowhere before.
		if (byte === prefix[0]) held.push(byte);
		else type(byte);
		return;
	}
	held.push(byte);
	// The sum comes after the data.
	if (at < dataAt || at < dataAt + held[lengthAt]!) return;
	const whole = held.splice(0);
	let sum = 0;
	for (let index = 0; index < at; index += 1) sum += whole[index]!;
	onPacket(whole[typeAt]!, (sum & 0xff) === byte ? Uint8Array.from(whole.slice(dataAt, at)) : null);
}

/** Nothing followed for a while: letters were typed by a person; the rest of a packet is lost, which may have a password in it. */
export function giveUpHeld({ held }: PacketFilter, type: (byte: number) => void): void {
	const isPacket = held.length >= prefix.length;
	const before = held.splice(0);
	if (!isPacket) for (const byte of before) type(byte);
}

/** At most 255 bytes of data. The line end before it ends whatever stands on the line; the client would discard the packet with that. */
export function encodePacket(type: number, data: Uint8Array): Uint8Array {
	const packet = new Uint8Array(1 + dataAt + data.length + 2);
	packet[0] = lineFeed;
	packet.set(prefix, 1);
	packet[1 + typeAt] = type;
	packet[1 + lengthAt] = data.length;
	packet.set(data, 1 + dataAt);
	let sum = 0;
	for (let at = 1; at < packet.length - 2; at += 1) sum += packet[at]!;
	packet[packet.length - 2] = sum & 0xff;
	packet[packet.length - 1] = lineFeed;
	return packet;
}
