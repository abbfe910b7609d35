/** Takes an update while it comes: header, image, digest. Not a byte of flash is erased before the signature is right. */
import type { Digest, Program, Slot } from "../ports/program.js";
import { areEqual } from "../tls/bytes.js";
import { headerLength, judgeHeader, type UpdateHeader } from "./header.js";

/** An update under way. */
export interface Receiver {
	readonly program: Program;
	/** Bytes of header and image together, as announced. */
	readonly length: number;
	/** The lowest sequence that is taken. */
	readonly least: number;
	readonly headerBytes: Uint8Array;
	/** Bytes that came. */
	count: number;
	header: UpdateHeader | null;
	digest: Digest | null;
	slot: Slot | null;
}

const damaged = "This update was damaged on its way.";
/** The first byte of an image for an ESP32. */
const imageMagic = 0xe9;

/** Allocates 256 bytes. */
export function createReceiver(program: Program, length: number, least = program.sequence): Receiver {
	const headerBytes = new Uint8Array(headerLength);
	return { program, length, least, headerBytes, count: 0, header: null, digest: null, slot: null };
}

/**
 * Bytes from `start` to `end`. Returns a sentence when the update is refused: then nothing more is to be given. The end of the header
 * costs 130 million instructions, once; anything else what flash and SHA-256 cost.
 */
export function receiveUpdate(receiver: Receiver, bytes: Uint8Array, start: number, end: number): string | null {
	const { program, headerBytes } = receiver;
	let at = start;
	for (; at < end && receiver.count < headerLength; at += 1) {
		headerBytes[receiver.count] = bytes[at]!;
		receiver.count += 1;
	}
	if (receiver.count < headerLength) return null;
	if (receiver.header === null) {
		const header = judgeHeader(headerBytes, receiver.length, program, receiver.least);
		if (typeof header === "string") return header;
		receiver.header = header;
		receiver.digest = program.createDigest();
	}
	if (at === end) return null;
	if (receiver.slot === null) {
		// The boot loader would not take it, and ESP-IDF would say so with an exception.
		if (bytes[at] !== imageMagic) return damaged;
		receiver.slot = program.openSlot();
	}
	const piece = bytes.subarray(at, end);
	receiver.digest!.write(piece);
	receiver.slot.write(piece);
	receiver.count += end - at;
	return null;
}

/** After the last byte: the version that runs from the next restart on, or in a sentence why none does. */
export function finishUpdate(receiver: Receiver): { readonly version: string } | string {
	const { header, digest, slot, count, length } = receiver;
	const isWhole = header !== null && digest !== null && slot !== null && count === length;
	if (!isWhole || !areEqual(digest.close(), header.digest)) {
		abandonUpdate(receiver);
		return damaged;
	}
	slot.complete();
	receiver.slot = null;
	return header;
}

/** What was written is of no use. Never throws. */
export function abandonUpdate(receiver: Receiver): void {
	const { slot } = receiver;
	receiver.slot = null;
	receiver.digest = null;
	slot?.close();
}
