/** The frames of a join by OTAA (6.2.4 to 6.2.6), and the keys that come of it. */
import { readNumber, writeNumber, writeReversed } from "./bytes.js";
import { type BlockCipher, createBlockCipher } from "./cmac.js";
import { computeJoinMac, isMic, micLength } from "./frame-cipher.js";

interface Identity {
	readonly devEui: Uint8Array;
	readonly joinEui: Uint8Array;
	readonly appKey: Uint8Array;
}

/** What a network says to a join request. */
export interface JoinAccept {
	readonly joinNonce: number;
	readonly devAddr: number;
	readonly firstOffset: number;
	readonly secondDataRate: number;
	/** Seconds, 1 to 15. */
	readonly delay: number;
	readonly nwkSKey: Uint8Array;
	readonly appSKey: Uint8Array;
	/** Five frequencies of 3 bytes; null where there are none. */
	readonly frequencies: Uint8Array | null;
}

export const joinRequestLength = 23;
const joinRequest = 0x00;
const joinAccept = 0x20;
/** With and without a list of channels. */
const shortAccept = 17;
const longAccept = 33;

/** Writes the request to `out`; returns its length. */
export function writeJoinRequest(out: Uint8Array, { joinEui, devEui, appKey }: Identity, devNonce: number): number {
	out[0] = joinRequest;
	writeReversed(out, 1, joinEui);
	writeReversed(out, 9, devEui);
	writeNumber(out, 17, 2, devNonce);
	out.set(computeJoinMac(createBlockCipher(appKey), out, 19).subarray(0, micLength), 19);
	return joinRequestLength;
}

/** Says in 32 bits whose session it is, and tells nothing of the key: the MAC of the request with nonce 0. */
export function tagOf(identity: Identity): number {
	const frame = new Uint8Array(joinRequestLength);
	writeJoinRequest(frame, identity, 0);
	return readNumber(frame, 19, micLength);
}

/** What a frame says, or why it is dropped. `bytes` stay as they are. */
export function readJoinAccept(
	bytes: Uint8Array,
	length: number,
	appKey: Uint8Array,
	devNonce: number,
): JoinAccept | "foreign" | "malformed" | "mic" {
	if (length === 0 || bytes[0] !== joinAccept) return "foreign";
	if (length !== shortAccept && length !== longAccept) return "malformed";
	const cipher = createBlockCipher(appKey);
	const plain = new Uint8Array(length);
	plain[0] = bytes[0];
	// The server decrypts to seal it, so that a device needs no more than encryption.
	for (let at = 1; at < length; at += 16) plain.set(cipher.encrypt(bytes.subarray(at, at + 16)), at);
	const end = length - micLength;
	if (!isMic(computeJoinMac(cipher, plain, end), plain, end)) return "mic";
	const settings = plain[11];
	return {
		joinNonce: readNumber(plain, 1, 3),
		devAddr: readNumber(plain, 7, 4),
		firstOffset: (settings >> 4) & 7,
		secondDataRate: settings & 15,
		delay: Math.max(1, plain[12] & 15),
		nwkSKey: deriveKey(cipher, 1, plain, devNonce),
		appSKey: deriveKey(cipher, 2, plain, devNonce),
		// Type 0 is a list of frequencies; others are for other regions.
		frequencies: length === longAccept && plain[28] === 0 ? plain.slice(13, 28) : null,
	};
}

/** 6.2.6: of the root key, from JoinNonce and NetID, which follow one another in the accept, and DevNonce. */
function deriveKey(cipher: BlockCipher, kind: number, accept: Uint8Array, devNonce: number): Uint8Array {
	const block = new Array<number>(16).fill(0);
	block[0] = kind;
	for (let index = 1; index < 7; index += 1) block[index] = accept[index];
	writeNumber(block, 7, 2, devNonce);
	return cipher.encrypt(block);
}
