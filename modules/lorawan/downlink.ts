/** The frame of a downlink with data (4.1 to 4.4). */
import { readNumber } from "./bytes.js";
import { applyPayloadKey, computeFrameMac, down, isMic, micLength } from "./frame-cipher.js";
import type { Keys } from "./uplink.js";

/** Where things are in the frame, of which the payload is clear now. */
export interface DataDownlink {
	readonly isConfirmed: boolean;
	/** FCtrl, with `ack` and `pending`. */
	readonly control: number;
	/** 32 bits. */
	readonly counter: number;
	readonly optionsStart: number;
	readonly optionsEnd: number;
	/** 0: the payload is MAC commands; -1: there is neither port nor payload. */
	readonly port: number;
	readonly payloadStart: number;
	readonly payloadEnd: number;
}

export const pending = 0x10;

const unconfirmedDown = 0x60;
const confirmedDown = 0xa0;
const headerLength = 8;
/** A counter after it could not be told from none. */
const lastCounter = 0xffff_fffe;

/**
 * What a frame says, or why it is dropped; nothing is decrypted, and nothing changed, before the MIC has matched. `next`: the least
 * counter that it may have. A frame for another device costs no encryption.
 */
export function readDownlink(
	bytes: Uint8Array,
	length: number,
	keys: Keys,
	next: number,
): DataDownlink | "foreign" | "malformed" | "mic" {
	if (length === 0 || (bytes[0] !== unconfirmedDown && bytes[0] !== confirmedDown)) return "foreign";
	const end = length - micLength;
	if (end < headerLength) return "malformed";
	const { devAddr } = keys;
	if (readNumber(bytes, 1, 4) !== devAddr) return "foreign";
	const control = bytes[5];
	const optionsEnd = headerLength + (control & 15);
	if (optionsEnd > end) return "malformed";
	const counter = extendCounter(readNumber(bytes, 6, 2), next);
	if (counter > lastCounter) return "mic";
	if (!isMic(computeFrameMac(keys.nwkSKey, down, devAddr, counter, bytes, end), bytes, end)) return "mic";
	const port = optionsEnd < end ? bytes[optionsEnd] : -1;
	// Commands are in one place or the other (4.3.1.6).
	if (port === 0 && optionsEnd > headerLength) return "malformed";
	const payloadStart = port < 0 ? end : optionsEnd + 1;
	applyPayloadKey(port === 0 ? keys.nwkSKey : keys.appSKey, down, devAddr, counter, bytes, payloadStart, end);
	return {
		isConfirmed: bytes[0] === confirmedDown,
		control,
		counter,
		optionsStart: headerLength,
		optionsEnd,
		port,
		payloadStart,
		payloadEnd: end,
	};
}

/** The first counter from `next` on with these low 16 bits: more is not on the air. */
export function extendCounter(low: number, next: number): number {
	const counter = next - (next % 0x10000) + low;
	return counter < next ? counter + 0x10000 : counter;
}
