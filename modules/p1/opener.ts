import type { Apdu } from "./apdu.js";
import { crc16 } from "./crc16.js";
import type { Fault } from "./faults.js";
import { applyKeystream, createGcm, type Gcm, open } from "./gcm.js";
import { isText, isTextStart, parseClosing } from "./text.js";

/**
 * How much proof a telegram needs. `required`: the authentication tag. `prefer`: the tag, or else a good CRC. `off`: the tag
 * is not looked at; plain telegrams may even lack the CRC.
 */
export type AuthenticationPolicy = "required" | "prefer" | "off";

/** What vouches for a telegram: the authentication tag; its CRC after decryption; or its CRC in clear. */
export type Verdict = "authenticated" | "crc-only" | "plain";

/** Turns ciphertext into text that can be believed. */
export interface Opener {
	readonly policy: AuthenticationPolicy;
	readonly gcm: Gcm | null;
	/** Security control byte and authentication key: the additional data (Green Book ed. 9, figure 29). */
	readonly additional: Uint8Array;
	/** System title and frame counter. */
	readonly nonces: readonly Uint8Array[];
	/** A copy of the first block, to look at before the whole is touched. */
	readonly peek: Uint8Array;
}

export function createOpener(
	key: Uint8Array | null,
	authenticationKey: Uint8Array,
	policy: AuthenticationPolicy,
): Opener {
	if (authenticationKey.length !== 16) {
		throw new RangeError(`an authentication key has 16 bytes, not ${authenticationKey.length}`);
	}
	const additional = new Uint8Array(17);
	additional.set(authenticationKey, 1);
	const nonces = new Array<Uint8Array>(17);
	for (let length = 1; length <= 16; length += 1) nonces[length] = new Uint8Array(length + 4);
	return { policy, gcm: key === null ? null : createGcm(key), additional, nonces, peek: new Uint8Array(16) };
}

/**
 * Decrypts the APDU in place and says what vouches for it. If nothing does, names the fault and leaves the bytes as they
 * were. A frame that is authentic but not a telegram is left decrypted.
 */
export function openApdu(opener: Opener, bytes: Uint8Array, apdu: Apdu): Exclude<Verdict, "plain"> | Fault {
	const { gcm, policy } = opener;
	if (gcm === null) return "keyMissing";
	const { textStart, textEnd, tagLength } = apdu;
	const nonce = readNonce(opener, bytes, apdu);
	if (tagLength > 0 && policy !== "off") {
		opener.additional[0] = apdu.securityControl;
		if (open(gcm, nonce, opener.additional, bytes, textStart, textEnd, tagLength)) {
			return judgeAuthentic(bytes, textStart, textEnd);
		}
	}
	if (!beginsLikeTelegram(opener, gcm, nonce, bytes, apdu)) return "wrongKey";
	applyKeystream(gcm, nonce, bytes, textStart, textEnd);
	const fault = judgeUnauthenticated(policy, bytes, apdu);
	if (fault === null) return "crc-only";
	applyKeystream(gcm, nonce, bytes, textStart, textEnd);
	return fault;
}

/** The same for a telegram that was sent in clear. */
export function judgePlain(opener: Opener, bytes: Uint8Array, start: number, end: number): "plain" | Fault {
	const crc = judgeCrc(bytes, start, end);
	if (crc === "crc" || (crc === "crcMissing" && opener.policy !== "off")) return crc;
	return opener.policy === "required" ? "unauthenticated" : "plain";
}

/**
 * The initialization vector is the system title and the frame counter as transmitted (3.2.5). DLMS titles have eight bytes,
 * which makes 96 bits; for any other length GCM's general rule holds.
 */
function readNonce(opener: Opener, bytes: Uint8Array, apdu: Apdu): Uint8Array {
	const length = apdu.titleEnd - apdu.titleStart;
	const nonce = opener.nonces[length];
	for (let at = 0; at < length; at += 1) nonce[at] = bytes[apdu.titleStart + at];
	for (let at = 0; at < 4; at += 1) nonce[length + at] = bytes[apdu.counterStart + at];
	return nonce;
}

/** Decrypts a copy of the first block. With a wrong key, one time in 2^22 this is true by chance. */
function beginsLikeTelegram(opener: Opener, gcm: Gcm, nonce: Uint8Array, bytes: Uint8Array, apdu: Apdu): boolean {
	const { peek } = opener;
	const length = Math.min(16, apdu.textEnd - apdu.textStart);
	for (let at = 0; at < length; at += 1) peek[at] = bytes[apdu.textStart + at];
	applyKeystream(gcm, nonce, peek, 0, length);
	return isTextStart(peek, 0, length) === "start";
}

function judgeAuthentic(bytes: Uint8Array, start: number, end: number): "authenticated" | "crc" | "notTelegram" {
	if (isTextStart(bytes, start, end) !== "start" || !isText(bytes, start, end)) return "notTelegram";
	return judgeCrc(bytes, start, end) === "crc" ? "crc" : "authenticated";
}

function judgeUnauthenticated(policy: AuthenticationPolicy, bytes: Uint8Array, apdu: Apdu): Fault | null {
	const { textStart, textEnd } = apdu;
	if (!isText(bytes, textStart, textEnd)) return "damaged";
	const crc = judgeCrc(bytes, textStart, textEnd);
	if (crc === "crc") return "damaged";
	if (crc === "crcMissing") return "crcMissing";
	if (policy !== "required") return null;
	return apdu.tagLength > 0 ? "wrongAuthenticationKey" : "unauthenticated";
}

function judgeCrc(bytes: Uint8Array, start: number, end: number): "good" | "crc" | "crcMissing" {
	const closing = parseClosing(bytes, start, end);
	if (closing.mark < 0 || closing.crc < 0) return "crcMissing";
	return crc16(bytes, start, closing.mark + 1) === closing.crc ? "good" : "crc";
}
