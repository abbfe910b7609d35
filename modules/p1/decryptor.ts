/** Decrypts APDUs, and says how each was verified. */
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
export interface Decryptor {
	policy: AuthenticationPolicy;
	readonly gcm: Gcm | null;
	/** Security control byte and authentication key: the additional data (Green Book ed. 9, figure 29). */
	readonly additional: Uint8Array;
	/** System title and frame counter, by the title's length; each is made when a frame needs it first. */
	readonly nonces: (Uint8Array | undefined)[];
	/** A copy of the first block, to look at before the whole is touched. */
	readonly peek: Uint8Array;
	/** Frames refused in a row. */
	refused: number;
	/** Frames that the key opens and that hold a DLMS data-notification. */
	notifications: number;
}

const slash = 0x2f;

/** After so many refused frames in a row, the first block is looked at before the tag is computed. */
const refusalsBeforePeek = 3;

export function createDecryptor(
	key: Uint8Array | null,
	authenticationKey: Uint8Array,
	policy: AuthenticationPolicy,
): Decryptor {
	if (authenticationKey.length !== 16) {
		throw new RangeError(`an authentication key has 16 bytes, not ${authenticationKey.length}`);
	}
	if (policy !== "required" && policy !== "prefer" && policy !== "off") {
		throw new RangeError(`authentication is required, prefer or off, not ${policy}`);
	}
	const additional = new Uint8Array(17);
	additional.set(authenticationKey, 1);
	return {
		policy,
		gcm: key === null ? null : createGcm(key),
		additional,
		nonces: [],
		peek: new Uint8Array(16),
		refused: 0,
		notifications: 0,
	};
}

/**
 * Decrypts the APDU in place and says what vouches for it. If nothing does, names the fault and leaves the bytes as they
 * were. A frame that is authentic but not a telegram is left decrypted.
 *
 * The tag comes first, and costs the whole frame. Where frame after frame is refused, a copy of the first block is decrypted before
 * that, so that a wrong key or a flood of false starts costs one block each; a true frame passes either way.
 */
export function decryptApdu(decryptor: Decryptor, bytes: Uint8Array, apdu: Apdu): Exclude<Verdict, "plain"> | Fault {
	const { gcm } = decryptor;
	if (gcm === null) return "keyMissing";
	const nonce = readNonce(decryptor, bytes, apdu);
	const tagCounts = apdu.tagLength > 0 && decryptor.policy !== "off";
	const peekFirst = !tagCounts || decryptor.refused >= refusalsBeforePeek;
	if (peekFirst && !beginsLikeTelegram(decryptor, gcm, nonce, bytes, apdu)) return refuse(decryptor, "wrongKey");
	if (tagCounts) {
		decryptor.additional[0] = apdu.securityControl;
		if (open(gcm, nonce, decryptor.additional, bytes, apdu.textStart, apdu.textEnd, apdu.tagLength)) {
			decryptor.refused = 0;
			if (isNotification(bytes, apdu.textStart, apdu.textEnd)) decryptor.notifications += 1;
			return judgeAuthentic(bytes, apdu.textStart, apdu.textEnd);
		}
	}
	if (!peekFirst && !beginsLikeTelegram(decryptor, gcm, nonce, bytes, apdu)) return refuse(decryptor, "wrongKey");
	applyKeystream(gcm, nonce, bytes, apdu.textStart, apdu.textEnd);
	const fault = judgeUnauthenticated(decryptor.policy, bytes, apdu);
	if (fault === null) {
		decryptor.refused = 0;
		return "crc-only";
	}
	applyKeystream(gcm, nonce, bytes, apdu.textStart, apdu.textEnd);
	return refuse(decryptor, fault);
}

function refuse(decryptor: Decryptor, fault: Fault): Fault {
	decryptor.refused += 1;
	return fault;
}

/** What vouches for a telegram in clear that `findClearStart` has found, or why it is refused. */
export function judgePlain(decryptor: Decryptor, bytes: Uint8Array, start: number, end: number): "plain" | Fault {
	if (parseClosing(bytes, start, end).crc < 0) return decryptor.policy === "off" ? "plain" : "crcMissing";
	return decryptor.policy === "required" ? "unauthenticated" : "plain";
}

/**
 * The initialization vector is the system title and the frame counter as transmitted (3.2.5). DLMS titles have eight bytes,
 * which makes 96 bits; for any other length GCM's general rule holds.
 */
function readNonce(decryptor: Decryptor, bytes: Uint8Array, apdu: Apdu): Uint8Array {
	const length = apdu.titleEnd - apdu.titleStart;
	decryptor.nonces[length] ??= new Uint8Array(length + 4);
	const nonce = decryptor.nonces[length];
	for (let at = 0; at < length; at += 1) nonce[at] = bytes[apdu.titleStart + at];
	for (let at = 0; at < 4; at += 1) nonce[length + at] = bytes[apdu.counterStart + at];
	return nonce;
}

/** Decrypts a copy of the first block. With a wrong key, one time in 2^22 this is true by chance. */
function beginsLikeTelegram(decryptor: Decryptor, gcm: Gcm, nonce: Uint8Array, bytes: Uint8Array, apdu: Apdu): boolean {
	const { peek } = decryptor;
	const length = Math.min(16, apdu.textEnd - apdu.textStart);
	for (let at = 0; at < length; at += 1) peek[at] = bytes[apdu.textStart + at];
	applyKeystream(gcm, nonce, peek, 0, length);
	if (isNotification(peek, 0, length)) decryptor.notifications += 1;
	return isTextStart(peek, 0, length) === "start";
}

/** Tag, invoke identifier, and a time that is left out or has twelve bytes. With a wrong key, one time in 2^15 this is true by chance. */
function isNotification(bytes: Uint8Array, start: number, end: number): boolean {
	return end - start > 6 && bytes[start] === 0x0f && (bytes[start + 5] === 0 || bytes[start + 5] === 0x0c);
}

function judgeAuthentic(bytes: Uint8Array, start: number, end: number): "authenticated" | "crc" | "notTelegram" {
	if (bytes[start] !== slash) return "notTelegram";
	return judgeCrc(bytes, start, end) === "crc" ? "crc" : "authenticated";
}

function judgeUnauthenticated(policy: AuthenticationPolicy, bytes: Uint8Array, apdu: Apdu): Fault | null {
	const { textStart, textEnd } = apdu;
	const crc = judgeCrc(bytes, textStart, textEnd);
	if (crc === "crc") return "damaged";
	if (crc === "crcMissing") return isText(bytes, textStart, textEnd) ? crc : "damaged";
	if (policy !== "required") return null;
	return apdu.tagLength > 0 ? "wrongAuthenticationKey" : "unauthenticated";
}

function judgeCrc(bytes: Uint8Array, start: number, end: number): "good" | "crc" | "crcMissing" {
	const closing = parseClosing(bytes, start, end);
	if (closing.mark < 0 || closing.crc < 0) return "crcMissing";
	return crc16(bytes, start, closing.mark + 1) === closing.crc ? "good" : "crc";
}
