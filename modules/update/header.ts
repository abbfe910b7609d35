/** What stands before the image of an update: what it is, for which board, and whose signature it has. */

import type { Program } from "../ports/program.js";
import { fromHex, toBigInt } from "../tls/bytes.js";
import { p256 } from "../tls/curve.js";
import { verifyEcdsa } from "../tls/ecdsa.js";

/** Bytes. Numbers are big-endian, texts ASCII with zeros behind them, and what has no meaning here is zero. */
export const headerLength = 256;
/** The signature of so many bytes follows them: r and s, 32 bytes each (IEEE P1363), ECDSA P-256 over SHA-256. */
export const signedLength = 192;
/** `SMXU` and the format. */
const magic: readonly number[] = Object.freeze([0x53, 0x4d, 0x58, 0x55, 1, 0, 0, 0]);
export const boardAt = 8;
export const versionAt = 24;
export const sequenceAt = 48;
export const lengthAt = 52;
export const digestAt = 56;
const digestLength = 32;
const zerosAt = digestAt + digestLength;

export interface UpdateHeader {
	readonly board: string;
	/** For people: `0.2.0`. */
	readonly version: string;
	/** Rises with each release. */
	readonly sequence: number;
	/** Bytes of the image. */
	readonly length: number;
	/** SHA-256 of the image. */
	readonly digest: Uint8Array;
}

/** Null where the bytes are no header of this format. Says nothing about who made it. */
export function readHeader(bytes: Uint8Array): UpdateHeader | null {
	if (bytes.length !== headerLength) return null;
	for (let at = 0; at < magic.length; at += 1) if (bytes[at] !== magic[at]) return null;
	for (let at = zerosAt; at < signedLength; at += 1) if (bytes[at] !== 0) return null;
	const board = readText(bytes, boardAt, versionAt);
	const version = readText(bytes, versionAt, sequenceAt);
	if (board === null || version === null) return null;
	const digest = bytes.slice(digestAt, digestAt + digestLength);
	return { board, version, sequence: readWord(bytes, sequenceAt), length: readWord(bytes, lengthAt), digest };
}

/** Printable ASCII, at least one character, then zeros; else null. */
function readText(bytes: Uint8Array, start: number, end: number): string | null {
	let text = "";
	let isOver = false;
	for (let at = start; at < end; at += 1) {
		const code = bytes[at]!;
		if (code === 0) isOver = true;
		else if (isOver || code < 33 || code > 126) return null;
		else text += String.fromCharCode(code);
	}
	return text === "" ? null : text;
}

function readWord(bytes: Uint8Array, at: number): number {
	return bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}

/**
 * The header, or in a sentence why this program takes no such update. `length`: bytes of header and image together, as announced;
 * `least`: the lowest sequence that is taken. The signature is looked at last, as it costs 130 million instructions.
 */
export function judgeHeader(
	bytes: Uint8Array,
	length: number,
	program: Program,
	least = program.sequence,
): UpdateHeader | string {
	const header = readHeader(bytes);
	if (header === null) return "This is no update for this kind of reader.";
	if (header.board !== program.board) return `This update is for ${header.board}, not for ${program.board}.`;
	if (header.sequence < program.sequence) return `${header.version} is older than what is installed.`;
	if (header.sequence < least) return `${header.version} is what is installed.`;
	if (header.length + headerLength !== length) return "This file is not as long as its header says.";
	if (header.length > program.slotLength) return "This update is longer than the room for it.";
	return isSigned(bytes, program) ? header : "This update is not signed with a key that this program knows.";
}

function isSigned(bytes: Uint8Array, program: Program): boolean {
	const digest = program.createDigest();
	digest.write(bytes.subarray(0, signedLength));
	const hash = digest.close();
	const r = toBigInt(bytes, signedLength, signedLength + 32);
	const s = toBigInt(bytes, signedLength + 32, headerLength);
	for (const digits of program.keys) {
		const key = fromHex(digits);
		if (key === null) continue;
		const x = toBigInt(key, 0, 32);
		const y = toBigInt(key, 32, 64);
		if (verifyEcdsa({ curve: p256, x, y }, hash, { r, s })) return true;
	}
	return false;
}
