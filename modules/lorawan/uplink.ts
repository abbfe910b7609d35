/** The frame of an uplink with data (4.1 to 4.4). */
import { writeNumber } from "./bytes.js";
import { applyPayloadKey, computeFrameMac, micLength, up } from "./frame-cipher.js";

export interface Keys {
	readonly devAddr: number;
	readonly nwkSKey: Uint8Array;
	readonly appSKey: Uint8Array;
}

export interface Uplink {
	readonly isConfirmed: boolean;
	/** `adr`, `adrAckRequest`, `ack`. */
	readonly control: number;
	/** 32 bits. */
	readonly counter: number;
	/** MAC commands, at most 15 bytes of `options`. */
	readonly options: Uint8Array;
	readonly optionsLength: number;
	/** 1 to 255; 0: no payload, and no port. */
	readonly port: number;
	readonly payload: Uint8Array;
	readonly payloadLength: number;
}

export const adr = 0x80;
export const adrAckRequest = 0x40;
export const ack = 0x20;

const unconfirmedUp = 0x40;
const confirmedUp = 0x80;
const headerLength = 8;

/** Bytes of a frame with so much in it. */
export function uplinkLength(optionsLength: number, port: number, payloadLength: number): number {
	return headerLength + optionsLength + (port === 0 ? 0 : 1 + payloadLength) + micLength;
}

/** Writes the frame to `out`, which has room for it; returns its length. Some 2.5 M instructions for 11 bytes, most of it the keys' schedules. */
export function writeUplink(out: Uint8Array, keys: Keys, uplink: Uplink): number {
	const { devAddr } = keys;
	const { counter, options, optionsLength, port, payload, payloadLength } = uplink;
	out[0] = uplink.isConfirmed ? confirmedUp : unconfirmedUp;
	writeNumber(out, 1, 4, devAddr);
	out[5] = uplink.control | optionsLength;
	writeNumber(out, 6, 2, counter);
	let at = headerLength;
	for (let index = 0; index < optionsLength; index += 1) out[at + index] = options[index];
	at += optionsLength;
	if (port !== 0) {
		out[at] = port;
		at += 1;
		for (let index = 0; index < payloadLength; index += 1) out[at + index] = payload[index];
		applyPayloadKey(keys.appSKey, up, devAddr, counter, out, at, at + payloadLength);
		at += payloadLength;
	}
	const mac = computeFrameMac(keys.nwkSKey, up, devAddr, counter, out, at);
	for (let index = 0; index < micLength; index += 1) out[at + index] = mac[index];
	return at + micLength;
}
