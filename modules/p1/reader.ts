/** Bytes of one meter in, telegrams out. */
import type { Apdu } from "./apdu.js";
import {
	type AuthenticationPolicy,
	createDecryptor,
	type Decryptor,
	decryptApdu,
	judgePlain,
	type Verdict,
} from "./decryptor.js";
import { createFaults, type Faults } from "./faults.js";
import {
	createFrameSearch,
	expirePartial,
	type FrameHandler,
	type FrameSearch,
	finishFrames,
	receive,
	switchFrames,
} from "./frame.js";
import { formatHex } from "./hex.js";
import { endHints } from "./hints.js";
import type { Readings } from "./readings.js";
import { admit, believeLower, createFrameCounters, type FrameCounters, findMeter } from "./replay.js";
import { parseTelegram } from "./telegram.js";

export type { AuthenticationPolicy, Verdict } from "./decryptor.js";

export interface ReaderOptions {
	/** The meter's encryption key, 16 bytes; null reads only telegrams in clear. */
	key: Uint8Array | null;
	/** 16 bytes; Luxembourg's meters share one, which is the default. */
	authenticationKey?: Uint8Array;
	/** `prefer` unless given. */
	authentication?: AuthenticationPolicy;
	/** The largest content of a frame in bytes, 16384 unless given. */
	cap?: number;
}

/** An accepted telegram. Valid during the callback only: `bytes` is the reader's buffer. */
export interface Telegram {
	verdict: Verdict;
	/** Upper-case hexadecimal; null for a telegram in clear. */
	systemTitle: string | null;
	frameCounter: number | null;
	/** The text, from `/` to the line end behind the CRC. */
	bytes: Uint8Array;
	start: number;
	end: number;
	readings: Readings;
}

export interface Counters {
	bytes: number;
	/** Bytes that belonged to no frame. */
	discarded: number;
	/** Accepted telegrams: the sum of the three below. */
	telegrams: number;
	authenticated: number;
	crcOnly: number;
	plain: number;
}

/**
 * Bytes of one meter in, telegrams out. The search for frames belongs to the line; meters that send on one line in turn have a
 * reader each, with a key of its own, and share the search. `onTelegram` must not throw: the search stands in the middle of a frame.
 */
export interface Reader {
	readonly faults: Faults;
	readonly counters: Counters;
	readonly search: FrameSearch;
	readonly handler: FrameHandler;
	/** Bytes that the search had discarded in other meters' turns. */
	discardedElsewhere: number;
	readonly decryptor: Decryptor;
	readonly frameCounters: FrameCounters;
	readonly onTelegram: (telegram: Telegram) => void;
}

/** Luxembourg's authentication key (E-Meter P1 Specification 1.1.3, 3.2.5). Public, and the same for every meter. */
export function defaultAuthenticationKey(): Uint8Array {
	const key = new Uint8Array(16);
	for (let at = 0; at < 16; at += 1) key[at] = at * 0x11;
	return key;
}

/**
 * Allocates what reading needs, but for longer frames: about 5 KB, and as much for the search where `line`, the search of a reader
 * on the same line, is not given. Throws on an option that cannot be meant.
 */
export function createReader(
	options: ReaderOptions,
	onTelegram: (telegram: Telegram) => void,
	line: FrameSearch | null = null,
): Reader {
	const faults = createFaults();
	const policy = options.authentication ?? "prefer";
	const handler: FrameHandler = {
		onApdu: (bytes, apdu) => acceptApdu(reader, bytes, apdu),
		onText: (bytes, start, end) => acceptText(reader, bytes, start, end),
	};
	const reader: Reader = {
		faults,
		counters: { bytes: 0, discarded: 0, telegrams: 0, authenticated: 0, crcOnly: 0, plain: 0 },
		search: line ?? createFrameSearch(options.cap ?? 16384, faults, handler),
		handler,
		discardedElsewhere: 0,
		decryptor: createDecryptor(options.key, options.authenticationKey ?? defaultAuthenticationKey(), policy),
		frameCounters: createFrameCounters(),
		onTelegram,
	};
	return reader;
}

/** This reader's meter sends on the line from now on; what is held of the one before is dropped, and is no fault. */
export function takeLine(reader: Reader): void {
	const { search, handler, faults, counters } = reader;
	if (search.handler !== handler) switchFrames(search, faults, handler);
	reader.discardedElsewhere = search.discarded - counters.discarded;
}

/**
 * Takes `bytes` from `start` to `end`, handed over at `now` (monotonic, ms), in pieces of any size, and calls back with each
 * accepted telegram. Never throws for what the bytes are; `faults` and `counters` tell about the rest.
 */
export function accept(reader: Reader, bytes: Uint8Array, start: number, end: number, now: number): void {
	reader.counters.bytes += end - start;
	receive(reader.search, bytes, start, end, now);
	countDiscarded(reader);
}

/** Whether a frame has begun whose rest is missing. */
export function isWithinFrame({ search }: Reader): boolean {
	return search.start !== search.end;
}

/**
 * To be called about once a second while `isWithinFrame`, when all bytes that came until `now` were handed over: gives up on a partial
 * frame after two seconds of silence, and searches its bytes.
 */
export function expire(reader: Reader, now: number): void {
	expirePartial(reader.search, now);
	countDiscarded(reader);
}

/** The end of a capture: what is held is searched as if nothing could follow. */
export function finish(reader: Reader): void {
	finishFrames(reader.search);
	countDiscarded(reader);
}

function countDiscarded({ counters, search, discardedElsewhere }: Reader): void {
	counters.discarded = search.discarded - discardedElsewhere;
}

/** Where the frame's own bytes end, or -1 if it is refused. */
function acceptApdu(reader: Reader, bytes: Uint8Array, apdu: Apdu): number {
	const { faults } = reader;
	const verdict = decryptApdu(reader.decryptor, bytes, apdu);
	switch (verdict) {
		case "authenticated":
		case "crc-only":
			break;
		case "crc":
		case "notTelegram":
			// Authentic, so that its end is known, but not to be believed.
			faults[verdict] += 1;
			return apdu.end;
		default:
			faults[verdict] += 1;
			return -1;
	}
	const { textStart, textEnd } = apdu;
	const systemTitle = formatHex(bytes, apdu.titleStart, apdu.titleEnd);
	const frameCounter = readCounter(bytes, apdu.counterStart);
	if (verdict === "crc-only") {
		deliver(reader, verdict, systemTitle, frameCounter, bytes, textStart, textEnd);
		// Nothing vouches for what stands where the tag should: if the frame was cut there, the next one has begun.
		return textEnd;
	}
	const meter = findMeter(reader.frameCounters, systemTitle);
	if (frameCounter <= meter.last) {
		// Its lines do not count as faults before it is accepted.
		const { time } = parseTelegram(bytes, textStart, textEnd, createFaults());
		if (!believeLower(meter, frameCounter, time)) {
			faults.replay += 1;
			return apdu.end;
		}
	}
	const { time } = deliver(reader, verdict, systemTitle, frameCounter, bytes, textStart, textEnd);
	admit(meter, frameCounter, time);
	return apdu.end;
}

/** Whether all of it is a telegram, accepted or not. */
function acceptText(reader: Reader, bytes: Uint8Array, start: number, end: number): boolean {
	const verdict = start < 0 ? "crc" : judgePlain(reader.decryptor, bytes, start, end);
	if (verdict === "plain") deliver(reader, verdict, null, null, bytes, start, end);
	else reader.faults[verdict] += 1;
	// A good telegram that the policy refuses is whole all the same.
	return verdict === "plain" || verdict === "unauthenticated";
}

function readCounter(bytes: Uint8Array, at: number): number {
	return bytes[at] * 0x1000000 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
}

function deliver(
	reader: Reader,
	verdict: Verdict,
	systemTitle: string | null,
	frameCounter: number | null,
	bytes: Uint8Array,
	start: number,
	end: number,
): Readings {
	const { counters, faults, search } = reader;
	endHints(search.hints);
	reader.decryptor.notifications = 0;
	counters.telegrams += 1;
	if (verdict === "authenticated") counters.authenticated += 1;
	else if (verdict === "crc-only") counters.crcOnly += 1;
	else counters.plain += 1;
	const readings = parseTelegram(bytes, start, end, faults);
	reader.onTelegram({ verdict, systemTitle, frameCounter, bytes, start, end, readings });
	return readings;
}
