/** Finds frames in an endless stream of bytes. */
import { type Apdu, cipheredTag, createApdu, parseHeader } from "./apdu.js";
import { findClearStart } from "./clear.js";
import type { Faults } from "./faults.js";
import { createHints, type Hints, noteBytes } from "./hints.js";
import { createTextSearch, findTextEnd, isTextStart, moveSearch, resetSearch, type TextSearch } from "./text.js";

const slash = 0x2f;

/** How long a partial frame waits for its next byte, while somebody looks. */
export const expiry = 2000;

/** What a frame may have besides the content that the cap limits: tag, title, length, and a plain telegram's last line. */
const overhead = 32;

/** Bytes held at first. Three times what meters send as a rule; messages to the customer make it six times as much. */
const firstLength = 4096;

/** Decides about one whole frame. */
export interface FrameHandler {
	/**
	 * A ciphered APDU, described by `apdu`, whole in `bytes`. Where the bytes end that are surely its own, or -1: it is none, and
	 * the search goes on behind its first byte.
	 */
	onApdu(bytes: Uint8Array, apdu: Apdu): number;
	/**
	 * A telegram in clear from `start` (`/`, or -1 where no CRC in it is good) to `end`, the line end after the CRC. Whether all of it
	 * is one, accepted or not.
	 */
	onText(bytes: Uint8Array, start: number, end: number): boolean;
}

/**
 * Finds frames in an endless stream of bytes. Whatever begins like a frame and is refused costs one byte: the search goes on
 * behind that byte in what is held, so that nothing valid is swallowed by something invalid before it.
 */
export interface FrameSearch {
	/** Who decides about frames and counts faults: the reader of the meter that sends on this line now. */
	handler: FrameHandler;
	faults: Faults;
	readonly cap: number;
	bytes: Uint8Array;
	readonly apdu: Apdu;
	readonly text: TextSearch;
	/** The first byte that is not decided about. */
	start: number;
	/** The end of what is held. */
	end: number;
	/** When the last byte was handed over. */
	changedAt: number;
	/** Bytes that belonged to no frame. */
	discarded: number;
	/** What these look like, since the last telegram. */
	readonly hints: Hints;
}

/**
 * `cap`: the largest content of a frame in bytes. The buffer of 4 KiB grows to the cap and 32 bytes while a longer frame, or what
 * begins like one, is held.
 */
export function createFrameSearch(cap: number, faults: Faults, handler: FrameHandler): FrameSearch {
	if (!(cap >= 64 && cap <= 1 << 24)) throw new RangeError(`a frame's cap must be 64 bytes to 16 MiB, not ${cap}`);
	const bytes = new Uint8Array(Math.min(firstLength, cap + overhead));
	return {
		handler,
		faults,
		cap,
		bytes,
		apdu: createApdu(),
		text: createTextSearch(bytes),
		start: 0,
		end: 0,
		changedAt: 0,
		discarded: 0,
		hints: createHints(),
	};
}

/**
 * Another meter sends on the line from now on. What is held of the one before may be cut, because it was told to stop: it is
 * dropped, and that is no fault.
 */
export function switchFrames(search: FrameSearch, faults: Faults, handler: FrameHandler): void {
	search.faults = faults;
	search.handler = handler;
	empty(search);
}

/**
 * Takes `bytes` from `start` to `end`, handed over at `now` (ms), and judges each frame that they complete. When they came nobody knows:
 * a program that stood still finds the rest of a frame in its buffer.
 */
export function receive(search: FrameSearch, bytes: Uint8Array, start: number, end: number, now: number): void {
	let at = start;
	while (at < end) {
		if (search.end === search.bytes.length) makeRoom(search);
		const count = Math.min(end - at, search.bytes.length - search.end);
		search.bytes.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), search.end);
		search.end += count;
		at += count;
		scan(search, false);
	}
	if (end > start) search.changedAt = now;
}

/**
 * All bytes that came until `now` were handed over: gives up on a partial frame whose last one was two seconds ago, and searches its
 * bytes.
 */
export function expirePartial(search: FrameSearch, now: number): void {
	if (search.start === search.end || now - search.changedAt < expiry) return;
	scan(search, true);
}

/** The stream has ended: searches what is held as if no byte could follow, and holds nothing afterwards. */
export function finishFrames(search: FrameSearch): void {
	scan(search, true);
}

/** A frame that is still incomplete begins at `start`, and none is longer than the cap allows, so this always makes room. */
function makeRoom(search: FrameSearch): void {
	const { bytes, start, end, cap, text } = search;
	if (start === 0) {
		search.bytes = new Uint8Array(Math.min(2 * bytes.length, cap + overhead));
		search.bytes.set(bytes);
	} else {
		bytes.copyWithin(0, start, end);
		search.end -= start;
		search.start = 0;
	}
	moveSearch(text, search.bytes, start);
}

/** Judges every whole frame in what is held. With `last`, what is still incomplete is refused, and counted once. */
function scan(search: FrameSearch, last: boolean): void {
	const { bytes, end, hints } = search;
	let at = search.start;
	// From here on, bytes are discarded.
	let from = at;
	let expired = false;
	while (at < end) {
		const first = bytes[at];
		let next = at + 1;
		if (first === cipheredTag) next = judgeApdu(search, at);
		else if (first === slash) next = judgeText(search, at, last);
		if (next === at) {
			if (!last) break;
			expired = true;
			next = at + 1;
		}
		if (next < 0) {
			noteBytes(hints, bytes, from, at, true);
			next = -next;
			from = next;
		} else search.discarded += next - at;
		at = next;
	}
	if (from < at) noteBytes(hints, bytes, from, at);
	if (expired) search.faults.expired += 1;
	if (at === end) empty(search);
	else search.start = at;
}

/** Holds nothing, and no more memory than at first. */
function empty(search: FrameSearch): void {
	search.start = 0;
	search.end = 0;
	if (search.bytes.length > firstLength) {
		search.bytes = new Uint8Array(firstLength);
		moveSearch(search.text, search.bytes, 0);
	}
	resetSearch(search.text);
}

/** What `scan` does next: the same place to wait for more bytes, a later one to discard up to it, minus the end of an accepted frame. */
function judgeApdu(search: FrameSearch, at: number): number {
	const { apdu, bytes, end, faults } = search;
	const verdict = parseHeader(apdu, bytes, at, end, search.cap);
	switch (verdict) {
		case "header":
			search.hints.frameLength = apdu.end - at;
			if (apdu.end > end) return at;
			return judgeWhole(search, at);
		case "incomplete":
			return at;
		case "noise":
			return at + 1;
		default:
			faults[verdict] += 1;
			return at + 1;
	}
}

/** Where an accepted frame's tag is not proven, the next frame may have begun in it. */
function judgeWhole(search: FrameSearch, at: number): number {
	const { apdu, bytes, cap, handler } = search;
	const frameEnd = apdu.end;
	let next = handler.onApdu(bytes, apdu);
	if (next < 0) return at + 1;
	while (next < frameEnd && !mayBegin(apdu, bytes, next, frameEnd, cap)) next += 1;
	return -next;
}

function mayBegin(apdu: Apdu, bytes: Uint8Array, at: number, end: number, cap: number): boolean {
	if (bytes[at] === cipheredTag) return parseHeader(apdu, bytes, at, end, cap) !== "noise";
	return isTextStart(bytes, at, end) !== "noise";
}

function judgeText(search: FrameSearch, at: number, last: boolean): number {
	const { bytes, end, faults, handler, text } = search;
	if (at < text.dead) return at + 1;
	const start = isTextStart(bytes, at, end);
	if (start === "incomplete") return at;
	if (start === "noise") return at + 1;
	// Decided within the cap, so that the outcome does not depend on how many bytes came at once.
	const most = at + search.cap + 1;
	const limit = end < most ? end : most;
	const textEnd = findTextEnd(text, bytes, at, limit, last && limit === end);
	if (textEnd > 0) {
		const textStart = findClearStart(bytes, at, textEnd);
		// What was cut before it may hold a ciphered frame, whose turn comes first.
		if (textStart > at && text.odd >= 0 && text.odd < textStart) return giveUpText(text, at, textStart);
		if (!handler.onText(bytes, textStart, textEnd)) return giveUpText(text, at, textEnd);
		search.discarded += textStart - at;
		return -textEnd;
	}
	// A byte that no telegram holds: nothing that begins before it can be whole.
	if (textEnd < 0) return giveUpText(text, at, 1 - textEnd);
	if (limit - at <= search.cap) return at;
	faults.length += 1;
	return at + 1;
}

/** No telegram in clear begins between `at` and `end`: where the search for other frames goes on. Text holds none. */
function giveUpText(text: TextSearch, at: number, end: number): number {
	text.dead = end;
	if (text.odd < 0) return end;
	return text.odd > at ? text.odd : at + 1;
}
