/** Bytes of one meter in, telegrams out. */
import type { Apdu } from "./apdu.js";
import { createAutomatic } from "./automatic.js";
import { createDecryptor, expectCounter, noteArrival, payFor } from "./decryptor.js";
import { createFaults } from "./faults.js";
import {
	createFrameSearch,
	dropFrames,
	expirePartial,
	type FrameHandler,
	finishFrames,
	receive,
	resume,
	skip,
} from "./frame.js";
import { acceptApdu, acceptText } from "./frame-task.js";
import { createKeys, type Keys, takeTables } from "./keys.js";
import { giveUp, makeBlocks } from "./prepared.js";
import type { AuthenticationSetting, Reader, ReaderOptions, Tally, Telegram } from "./reader-state.js";
import { createFrameCounters } from "./replay.js";
import { deliverWaiting } from "./telegram-delivery.js";

export type { AuthenticationPolicy, Verdict } from "./decryptor.js";
export type { AuthenticationSetting, Counters, Reader, ReaderOptions, Tally, Telegram } from "./reader-state.js";

/** Blocks that are encrypted in one slice. */
const sliceBlocks = 3;

/** Luxembourg's authentication key (E-Meter P1 Specification 1.1.3, 3.2.5). Public, and the same for every meter. */
export function defaultAuthenticationKey(): Uint8Array {
	const key = new Uint8Array(16);
	for (let at = 0; at < 16; at += 1) key[at] = at * 0x11;
	return key;
}

export function createTally(setting: AuthenticationSetting = "prefer"): Tally {
	return {
		faults: createFaults(),
		counters: { bytes: 0, discarded: 0, telegrams: 0, authenticated: 0, crcOnly: 0, plain: 0 },
		automatic: setting === "automatic" ? createAutomatic() : null,
		discardedElsewhere: 0,
		systemTitle: null,
		length: 0,
	};
}

/** Allocates what reading needs, but for longer frames: about 10 KB. Throws on an option that cannot be meant. */
export function createReader(options: ReaderOptions, onTelegram: (telegram: Telegram) => void): Reader {
	const setting = options.authentication ?? "prefer";
	const tally = createTally(setting);
	const { faults, counters, automatic } = tally;
	const policy = setting === "automatic" ? "prefer" : setting;
	const handler = new ReaderHandler();
	const reader: Reader = {
		tally,
		faults,
		counters,
		automatic,
		search: createFrameSearch(options.cap ?? 16384, faults, handler),
		decryptor: createDecryptor(keysOf(options), options.authenticationKey ?? defaultAuthenticationKey(), policy),
		frameCounters: options.frameCounters ?? createFrameCounters(),
		inSteps: options.inSteps ?? false,
		cutFrom: options.cutFrom ?? Infinity,
		task: { position: -1, verdict: null, walk: null, isRead: false, cut: 0, isDue: false, isDelivered: false },
		onTelegram,
	};
	handler.reader = reader;
	return reader;
}

/** A class, whose methods are in flash: three functions of the reader's own took 37 slots of XS. */
class ReaderHandler implements FrameHandler {
	reader!: Reader;

	onApdu(bytes: Uint8Array, apdu: Apdu, position: number): number {
		return acceptApdu(this.reader, bytes, apdu, position);
	}

	onPart(bytes: Uint8Array, apdu: Apdu, end: number, position: number): void {
		noteArrival(this.reader.decryptor, bytes, apdu, end, position);
	}

	onText(bytes: Uint8Array, start: number, end: number, position: number): boolean | null {
		return acceptText(this.reader, bytes, start, end, position);
	}
}

function keysOf({ key, createCipher }: ReaderOptions): Keys {
	if (key !== null && "all" in key) return key;
	return createKeys(key === null ? [] : [key], createCipher ?? null);
}

/** The meter of this tally sends on the line from now on; what is held of the one before is dropped, and is no fault. */
export function takeLine(reader: Reader, tally: Tally): void {
	if (reader.tally === tally) return;
	const { search, decryptor, frameCounters } = reader;
	const { faults, counters, automatic, systemTitle, length } = tally;
	leaveLine(reader);
	reader.tally = tally;
	reader.faults = faults;
	reader.counters = counters;
	reader.automatic = automatic;
	search.faults = faults;
	tally.discardedElsewhere = search.discarded - counters.discarded;
	const known =
		systemTitle === null ? undefined : frameCounters.meters.find(meter => meter.systemTitle === systemTitle);
	if (known === undefined || length === 0) return;
	decryptor.key = known.key;
	expectCounter(decryptor, known.systemTitle, known.last, length);
}

/** Its turn is over: what is held is dropped, as it may be cut, and nothing is expected. */
export function leaveLine({ search, decryptor, task }: Reader): void {
	dropFrames(search);
	giveUp(decryptor.prepared);
	task.position = -1;
}

/**
 * Takes `bytes` from `start` to `end`, handed over at `now` (monotonic, ms), in pieces of any size, and calls back with each
 * accepted telegram. Never throws for what the bytes are; `faults` and `counters` tell about the rest.
 */
export function accept(reader: Reader, bytes: Uint8Array, start: number, end: number, now: number): void {
	reader.counters.bytes += end - start;
	payFor(reader.decryptor, end - start);
	receive(reader.search, bytes, start, end, now);
	countDiscarded(reader);
}

/** Whether a frame is at hand of which a step is left. */
export function isReading({ search }: Reader): boolean {
	return search.isWaiting;
}

/** Takes the next step with the frame at hand: at most three million instructions, but for a frame that was not expected. */
export function proceed(reader: Reader): void {
	if (!isReading(reader)) return;
	const { task, search } = reader;
	if (task.isDue) deliverWaiting(reader);
	resume(search);
	countDiscarded(reader);
}

/** A step of the frame at hand has thrown: the search goes on behind its first byte. */
export function abandon({ search, task }: Reader): void {
	skip(search);
	task.position = -1;
}

/** Whether there is something to prepare for the frame that is expected. */
export function isPreparing({ decryptor: { prepared } }: Reader): boolean {
	return prepared.made < prepared.wanted;
}

/** Prepares a slice of it: less than a million instructions. For when nothing else is to be done. */
export function prepare({ decryptor: { prepared, keys, expectedKey } }: Reader): void {
	takeTables(keys, expectedKey);
	if (keys.gcm !== null) makeBlocks(prepared, keys.gcm, sliceBlocks);
}

/** Memory is short: gives up what is prepared. The frame that is expected then takes as long as any other. */
export function forgetPrepared({ decryptor: { prepared } }: Reader): void {
	giveUp(prepared);
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

function countDiscarded({ counters, search, tally }: Reader): void {
	counters.discarded = search.discarded - tally.discardedElsewhere;
}
