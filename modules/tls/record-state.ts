/** The record of the guard in front of a TLS session: what is under way, and what the session may read. */
import { createHandshake, type Handshake, type HandshakeOptions, messageHeader } from "./handshake.js";

export interface RecordGuardOptions extends HandshakeOptions {
	/** Bytes of text in the longest record after the handshake; the session needs room for all of one. */
	readonly longestRecord: number;
}

export interface RecordGuard {
	readonly options: RecordGuardOptions;
	readonly handshake: Handshake;
	/** Bytes that the session may read. */
	available: number;
	/** Why everything is refused from here on. */
	refusal: string | null;
	readonly queue: Uint8Array[];
	/** Bytes of the queue's first piece that were read already. */
	taken: number;
	readonly header: Uint8Array;
	headerCount: number;
	/** Of the record under way: its type, and how many bytes are still to come. */
	type: number;
	left: number;
	/** The handshake message under way as one record of its own; empty until its header is read. */
	message: Uint8Array;
	/** How many bytes of it are there: of its header at first, then of the record. */
	count: number;
}

/** Types of records that are looked at in more than one place, and bytes of headers. */
export const handshakeType = 22;
export const recordHeader = 5;
export const headers = recordHeader + messageHeader;
/** RFC 5246 section 6.2.1. */
export const longestPlain = 16_384;

export function createRecordGuard(options: RecordGuardOptions): RecordGuard {
	const { longestMessage, longestRecord } = options;
	if (longestMessage > longestPlain - messageHeader || longestRecord > longestPlain)
		throw new RangeError(`TLS has no messages of ${longestMessage} and no records of ${longestRecord} bytes here`);
	return {
		options,
		handshake: createHandshake(options),
		available: 0,
		refusal: null,
		queue: [],
		taken: 0,
		header: new Uint8Array(headers),
		headerCount: 0,
		type: 0,
		left: 0,
		message: new Uint8Array(0),
		count: 0,
	};
}

/** Reads up to `into.length` bytes for the session; returns how many. */
export function readAdmitted(guard: RecordGuard, into: Uint8Array): number {
	const { queue } = guard;
	let count = 0;
	while (count < into.length && queue.length > 0) {
		const piece = queue[0].subarray(guard.taken, guard.taken + into.length - count);
		into.set(piece, count);
		count += piece.length;
		guard.taken += piece.length;
		if (guard.taken === queue[0].length) {
			queue.shift();
			guard.taken = 0;
		}
	}
	guard.available -= count;
	return count;
}

/** Nothing is let through after it. */
export function refuse(guard: RecordGuard, reason: string): string {
	guard.refusal ??= reason;
	guard.queue.length = 0;
	guard.available = 0;
	return guard.refusal;
}

/** Lets bytes through. */
export function append(guard: RecordGuard, bytes: Uint8Array): void {
	guard.queue.push(bytes);
	guard.available += bytes.length;
}

/** After the server's ChangeCipherSpec, whose stage comes before `finished`. */
export function isSealed({ handshake: { stage } }: RecordGuard): boolean {
	return stage === "finished" || stage === "open";
}
