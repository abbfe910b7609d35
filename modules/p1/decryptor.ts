/** Decrypts APDUs, and says how each was verified. */
import type { Apdu } from "./apdu.js";
import { crc16 } from "./crc16.js";
import type { Fault } from "./faults.js";
import { applyKeystream, type Gcm, open } from "./gcm.js";
import { parseHex } from "./hex.js";
import { type Keys, takeTables } from "./keys.js";
import { advanceOpening, beginOpening, isNotification, type Opening } from "./opening.js";
import {
	applyPrepared,
	countUnhashed,
	createPrepared,
	expectNext,
	hashText,
	hasTag,
	isExpected,
	type Prepared,
} from "./prepared.js";
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
	/** Shared by all meters; empty where only telegrams in clear are read. */
	readonly keys: Keys;
	/** The key of the frame at hand, or -1: none is known for its system title. Then `tried` tells how many were tried. */
	key: number;
	tried: number;
	/** Security control byte and authentication key: the additional data (Green Book ed. 9, figure 29). */
	readonly additional: Uint8Array;
	/** What is known of the frame that is expected, and its key. */
	readonly prepared: Prepared;
	expectedKey: number;
	/** Frames refused in a row. */
	refused: number;
	/** Cipher work that the bytes received have paid for and that is not done yet, in blocks of GHASH. */
	credit: number;
	/** The frame at hand, once its tag has matched. */
	readonly opening: Opening;
	/** Frames that the key opens and that hold a DLMS data-notification. */
	notifications: number;
}

/** After so many refused frames in a row, the first block is looked at before the tag is computed. */
const refusalsBeforePeek = 3;

/** What it costs to encrypt a block, in blocks of GHASH; and what a frame costs besides its text: additional data, lengths, nonce and mask. */
const encryptBlocks = 4;
const overheadBlocks = 8;
/** What the tables of a key cost, in blocks of GHASH. */
const tableBlocks = 18;
/** Bytes of an expected frame that one step hashes: two million instructions. */
const hashStep = 512;
/** What a byte pays; and how much of it is kept at most, enough to refuse a frame of 16 KiB three times. */
const pay = 2;
const mostCredit = 32_768;

export function createDecryptor(keys: Keys, authenticationKey: Uint8Array, policy: AuthenticationPolicy): Decryptor {
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
		keys,
		key: 0,
		tried: 0,
		additional,
		prepared: createPrepared(),
		expectedKey: 0,
		refused: 0,
		credit: 0,
		opening: { decrypted: -1, checked: 0, crc: 0 },
		notifications: 0,
	};
}

/**
 * So many bytes came, each of which pays for a constant of cipher work. A frame that is refused takes half a block of GHASH for each of
 * its bytes: a sixteenth for the tag, a quarter to decrypt it and a quarter to restore it. So there is enough for what line noise makes of
 * frames, false starts that claim their bytes included; but what begins like a recorded frame every few bytes finds nothing to spend.
 */
export function payFor(decryptor: Decryptor, count: number): void {
	const paid = pay * count;
	// A program on a computer hands over more at a time than is kept.
	decryptor.credit = Math.min(Math.max(mostCredit, paid), decryptor.credit + paid);
}

/** Spends `blocks` blocks of GHASH, if they are paid for. */
function spend(decryptor: Decryptor, blocks: number): boolean {
	if (decryptor.credit < blocks) return false;
	decryptor.credit -= blocks;
	return true;
}

function countBlocks(length: number): number {
	return (length + 15) >> 4;
}

/** A part of the APDU came, which begins at `position` of the line and is in `bytes` up to `end`: if it is expected, that is hashed. */
export function noteArrival(decryptor: Decryptor, bytes: Uint8Array, apdu: Apdu, end: number, position: number): void {
	const { keys, prepared, policy, expectedKey } = decryptor;
	const { gcm } = keys;
	// Where several meters send at once, their pieces do not take turns with the tables.
	if (gcm === null || keys.at !== expectedKey || prepared.made === 0 || apdu.tagLength === 0 || policy === "off")
		return;
	const unhashed = countUnhashed(prepared, apdu, end, position);
	if (unhashed < 16 || !isExpected(prepared, readNonce(decryptor, bytes, apdu))) return;
	if (spend(decryptor, countBlocks(unhashed))) hashArrival(decryptor, gcm, bytes, apdu, end, position);
}

function hashArrival(
	{ prepared, additional }: Decryptor,
	gcm: Gcm,
	bytes: Uint8Array,
	apdu: Apdu,
	end: number,
	position: number,
): void {
	additional[0] = apdu.securityControl;
	hashText(prepared, gcm, additional, bytes, apdu, end, position);
}

/** The APDU, whose text had so many bytes, was authentic and is believed: the meter's next one is expected. */
export function expectAfter(decryptor: Decryptor, bytes: Uint8Array, apdu: Apdu, length: number): void {
	if (decryptor.keys.gcm === null) return;
	decryptor.expectedKey = decryptor.key;
	expectNext(decryptor.prepared, readNonce(decryptor, bytes, apdu), length);
}

/** The same from what is remembered: a title, in hexadecimal, and the counter of the frame before. */
export function expectCounter(decryptor: Decryptor, systemTitle: string, last: number, length: number): void {
	const title = parseHex(systemTitle);
	if (decryptor.keys.all.length === 0 || decryptor.keys.createCipher !== null || title === null || last < 0) return;
	const nonce = new Uint8Array(title.length + 4);
	nonce.set(title);
	for (let at = 0; at < 4; at += 1) nonce[title.length + at] = (last / 2 ** (24 - 8 * at)) & 255;
	decryptor.expectedKey = decryptor.key;
	expectNext(decryptor.prepared, nonce, length);
}

/**
 * Decrypts the APDU in place, which begins at `position` of the line, and says what vouches for it. If nothing does, names the fault
 * and leaves the bytes as they were. A frame that is authentic but not a telegram is left decrypted.
 *
 * The tag comes first, and costs the whole frame. Where frame after frame is refused, a copy of the first block is decrypted before
 * that, so that a wrong key or a flood of false starts costs one block each; a true frame passes either way.
 *
 * The tag of the frame that is expected is known when it has come, and what to decrypt it with. That frame is opened in steps of two
 * million instructions: `opening` after each but the last. With `isWhole` there is one step.
 */
export function decryptApdu(
	decryptor: Decryptor,
	bytes: Uint8Array,
	apdu: Apdu,
	position: number,
	isWhole: boolean,
): Exclude<Verdict, "plain"> | Fault | "opening" {
	const { keys, prepared, policy } = decryptor;
	if (keys.all.length === 0) return "keyMissing";
	const nonce = readNonce(decryptor, bytes, apdu);
	const fault = takeKey(decryptor, nonce, bytes, apdu, isWhole);
	if (fault !== null) return fault;
	const { gcm } = keys;
	const { textStart, textEnd, tagLength } = apdu;
	const blocks = countBlocks(textEnd - textStart);
	let tagCounts = tagLength > 0 && policy !== "off";
	let isTagWrong = false;
	const mayBeExpected = tagCounts && decryptor.key === decryptor.expectedKey && isExpected(prepared, nonce);
	if (gcm !== null && decryptor.opening.decrypted < 0 && mayBeExpected) {
		const unhashed = countUnhashed(prepared, apdu, textEnd, position);
		const count = isWhole ? unhashed : Math.min(hashStep, unhashed);
		if (!spend(decryptor, countBlocks(count) + overheadBlocks)) return refuse(decryptor, "unexamined");
		hashArrival(decryptor, gcm, bytes, apdu, textEnd - unhashed + count, position);
		if (count < unhashed) return "opening";
		isTagWrong = !hasTag(prepared, gcm, decryptor.additional, bytes, apdu);
		if (!isTagWrong) {
			beginOpening(decryptor.opening, applyPrepared(prepared, bytes, textStart, textEnd));
			if (!isWhole) return "opening";
		}
	}
	if (decryptor.opening.decrypted >= 0) return continueOpening(decryptor, nonce, bytes, apdu, isWhole);
	if (isTagWrong) tagCounts = false;
	const peekFirst = !tagCounts || decryptor.refused >= refusalsBeforePeek;
	if (peekFirst) {
		const peeked = peekAt(decryptor, nonce, bytes, apdu);
		if (peeked !== null) return refuseKey(decryptor, peeked, bytes, apdu, position, isWhole);
	}
	if (tagCounts) {
		decryptor.additional[0] = apdu.securityControl;
		if (!spend(decryptor, blocks + overheadBlocks)) return refuse(decryptor, "unexamined");
		if (openWhole(decryptor, nonce, bytes, apdu)) {
			// It is paid by its own bytes, none of which is looked at again.
			decryptor.credit = Math.max(0, decryptor.credit - encryptBlocks * blocks);
			beginOpening(decryptor.opening, textEnd - textStart);
			return continueOpening(decryptor, nonce, bytes, apdu, isWhole);
		}
	}
	if (!peekFirst) {
		const peeked = peekAt(decryptor, nonce, bytes, apdu);
		if (peeked !== null) return refuseKey(decryptor, peeked, bytes, apdu, position, isWhole);
	}
	if (!spend(decryptor, 2 * encryptBlocks * blocks)) return refuse(decryptor, "unexamined");
	decrypt(decryptor, nonce, bytes, textStart, textEnd);
	const mistake = judgeUnauthenticated(policy, bytes, apdu);
	if (mistake === null) {
		decryptor.refused = 0;
		return "crc-only";
	}
	decrypt(decryptor, nonce, bytes, textStart, textEnd);
	return refuse(decryptor, mistake);
}

/**
 * Takes the key of the frame at hand. Where none is known for its title, the first block is looked at with one after the other, until
 * it begins like a telegram; each key is a step, and so are tables. Null: the key is at hand.
 */
function takeKey(
	decryptor: Decryptor,
	nonce: Uint8Array,
	bytes: Uint8Array,
	apdu: Apdu,
	isWhole: boolean,
): "wrongKey" | "unexamined" | "opening" | null {
	const { keys, key } = decryptor;
	if (key >= 0) {
		if (keys.at === key) return null;
		if (!spend(decryptor, tableBlocks)) return refuse(decryptor, "unexamined");
		takeTables(keys, key);
		return isWhole ? null : "opening";
	}
	while (decryptor.tried < keys.all.length) {
		if (!spend(decryptor, tableBlocks)) return refuse(decryptor, "unexamined");
		takeTables(keys, decryptor.tried);
		decryptor.tried += 1;
		const peeked = peekAt(decryptor, nonce, bytes, apdu);
		if (peeked === null) {
			decryptor.key = keys.at;
			return isWhole ? null : "opening";
		}
		if (peeked === "unexamined") return refuse(decryptor, peeked);
		if (!isWhole) return "opening";
	}
	return refuse(decryptor, "wrongKey");
}

/** The title's key does not open the frame, or there was nothing to look at it with: the meter may have another one now. */
function refuseKey(
	decryptor: Decryptor,
	fault: "wrongKey" | "unexamined",
	bytes: Uint8Array,
	apdu: Apdu,
	position: number,
	isWhole: boolean,
): ReturnType<typeof decryptApdu> {
	if (fault === "unexamined" || decryptor.tried > 0 || decryptor.keys.all.length === 1) return refuse(decryptor, fault);
	decryptor.key = -1;
	return isWhole ? decryptApdu(decryptor, bytes, apdu, position, isWhole) : "opening";
}

function openWhole(
	{ keys: { cipher, gcm }, additional }: Decryptor,
	nonce: Uint8Array,
	bytes: Uint8Array,
	apdu: Apdu,
): boolean {
	const { textStart, textEnd, tagLength } = apdu;
	if (cipher !== null) return cipher.open(nonce, additional, bytes, textStart, textEnd, tagLength);
	return gcm !== null && open(gcm, nonce, additional, bytes, textStart, textEnd, tagLength);
}

/** Without authentication; applied twice it restores the bytes. */
function decrypt(
	{ keys: { cipher, gcm } }: Decryptor,
	nonce: Uint8Array,
	bytes: Uint8Array,
	start: number,
	end: number,
): void {
	if (cipher !== null) cipher.applyKeystream(nonce, bytes, start, end);
	else if (gcm !== null) applyKeystream(gcm, nonce, bytes, start, end);
}

function refuse<T extends Fault>(decryptor: Decryptor, fault: T): T {
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
	const { nonces } = decryptor.keys;
	nonces[length] ??= new Uint8Array(length + 4);
	const nonce = nonces[length];
	for (let at = 0; at < length; at += 1) nonce[at] = bytes[apdu.titleStart + at];
	for (let at = 0; at < 4; at += 1) nonce[length + at] = bytes[apdu.counterStart + at];
	return nonce;
}

/** Decrypts a copy of the first block. With a wrong key, one time in 2^22 it begins like a telegram by chance. */
function peekAt(
	decryptor: Decryptor,
	nonce: Uint8Array,
	bytes: Uint8Array,
	{ textStart, textEnd }: Apdu,
): "wrongKey" | "unexamined" | null {
	if (!spend(decryptor, encryptBlocks + overheadBlocks)) return "unexamined";
	const { peek } = decryptor.keys;
	const length = Math.min(16, textEnd - textStart);
	for (let at = 0; at < length; at += 1) peek[at] = bytes[textStart + at];
	decrypt(decryptor, nonce, peek, 0, length);
	if (isNotification(peek, 0, length)) decryptor.notifications += 1;
	const begins = isTextStart(peek, 0, length) === "start";
	// Nothing vouches for it, and it may stay for long.
	peek.fill(0);
	return begins ? null : "wrongKey";
}

/** One step, or all of them. */
function continueOpening(
	decryptor: Decryptor,
	nonce: Uint8Array,
	bytes: Uint8Array,
	apdu: Apdu,
	isWhole: boolean,
): ReturnType<typeof advanceOpening> {
	const { opening, keys } = decryptor;
	const { gcm } = keys;
	let verdict = advanceOpening(opening, gcm, nonce, bytes, apdu);
	while (isWhole && verdict === "opening") verdict = advanceOpening(opening, gcm, nonce, bytes, apdu);
	if (verdict === "opening") return verdict;
	decryptor.refused = 0;
	if (isNotification(bytes, apdu.textStart, apdu.textEnd)) decryptor.notifications += 1;
	return verdict;
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
