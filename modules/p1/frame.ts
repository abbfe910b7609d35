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

/** Bytes held at first: more than meters send as a rule; messages to the customer make it six times as much. */
const firstLength = 2048;

/** Room that is left behind a frame that is cut. */
const slack = 256;

/** Decides about one whole frame. */
export interface FrameHandler {
	/**
	 * A ciphered APDU, described by `apdu`, whole in `bytes`, that begins at `position` of the line. Where the bytes end that are surely
	 * its own, or -1: it is none, and the search goes on behind its first byte. 0: not decided yet, it wants to be asked again, with the
	 * bytes as it leaves them.
	 */
	onApdu(bytes: Uint8Array, apdu: Apdu, position: number): number;
	/** Of such an APDU, everything up to `end` came. */
	onPart(bytes: Uint8Array, apdu: Apdu, end: number, position: number): void;
	/**
	 * A telegram in clear from `start` (`/`, or -1 where no CRC in it is good) to `end`, the line end after the CRC. Whether all of it
	 * is one, accepted or not; null: not decided yet, as above.
	 */
	onText(bytes: Uint8Array, start: number, end: number, position: number): boolean | null;
}

/**
 * Finds frames in an endless stream of bytes. Whatever begins like a frame and is refused costs one byte: the search goes on
 * behind that byte in what is held, so that nothing valid is swallowed by something invalid before it.
 */
export interface FrameSearch {
	/** Who decides about frames. */
	readonly handler: FrameHandler;
	/** Of the meter that sends on this line now. */
	faults: Faults;
	readonly cap: number;
	/** Made of a buffer that can be made smaller, once it was longer than at first; then it has the buffer's length. */
	bytes: Uint8Array;
	readonly apdu: Apdu;
	readonly text: TextSearch;
	/** The first byte that is not decided about. */
	start: number;
	/** The end of what is held. */
	end: number;
	/** How many bytes of the line came before those that are held. */
	before: number;
	/** The handler wants to be asked again about what is at `start`; a text is from `textStart` to `textEnd`. */
	isWaiting: boolean;
	textStart: number;
	textEnd: number;
	/** When the last byte was handed over. */
	changedAt: number;
	/** Bytes that belonged to no frame. */
	discarded: number;
	/** What these look like, since the last telegram; null where none came since then. */
	hints: Hints | null;
	/** The length of the last ciphered frame as its header tells it. */
	frameLength: number;
}

/**
 * `cap`: the largest content of a frame in bytes. The buffer of 2 KiB grows while a longer frame, or what begins like one, is held: to
 * the length that its header tells, or to the cap and 32 bytes.
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
		before: 0,
		isWaiting: false,
		textStart: 0,
		textEnd: 0,
		changedAt: 0,
		discarded: 0,
		hints: createHints(),
		frameLength: 0,
	};
}

/** What is held may be cut, because its meter was told to stop: it is dropped, and that is no fault. */
export function dropFrames(search: FrameSearch): void {
	empty(search);
}

/**
 * Takes `bytes` from `start` to `end`, handed over at `now` (ms), and judges each frame that they complete. When they came nobody knows:
 * a program that stood still finds the rest of a frame in its buffer.
 */
export function receive(search: FrameSearch, bytes: Uint8Array, start: number, end: number, now: number): void {
	let at = start;
	while (at < end) {
		if (search.end === search.bytes.length) {
			// What is decided about lies where it is.
			while (search.isWaiting) scan(search, false);
			if (search.end === search.bytes.length) makeRoom(search);
		}
		const count = Math.min(end - at, search.bytes.length - search.end);
		search.bytes.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), search.end);
		search.end += count;
		at += count;
		if (!search.isWaiting) scan(search, false);
	}
	if (end > start) search.changedAt = now;
}

/**
 * All bytes that came until `now` were handed over: gives up on a partial frame whose last one was two seconds ago, and searches its
 * bytes.
 */
export function expirePartial(search: FrameSearch, now: number): void {
	if (search.start === search.end || now - search.changedAt < expiry) return;
	scanLast(search);
}

/** Asks again about what is not decided yet. */
export function resume(search: FrameSearch): void {
	if (search.isWaiting) scan(search, false);
}

/** Gives up what is not decided yet. */
export function skip(search: FrameSearch): void {
	if (!search.isWaiting) return;
	search.isWaiting = false;
	search.start += 1;
	search.discarded += 1;
}

/** The stream has ended: searches what is held as if no byte could follow, and holds nothing afterwards. */
export function finishFrames(search: FrameSearch): void {
	scanLast(search);
}

/** Judges all that is held, as no byte will follow; what is still incomplete is refused, and counted once. */
function scanLast(search: FrameSearch): void {
	while (search.isWaiting) scan(search, false);
	let isCut = false;
	do if (scan(search, true)) isCut = true;
	while (search.isWaiting);
	if (isCut) search.faults.expired += 1;
}

/**
 * A frame that is still incomplete begins at `start`, and none is longer than the cap allows, so this always makes room. At once all that
 * the frame may need: old and new bytes are in memory together, and each step between would have to be.
 */
function makeRoom(search: FrameSearch): void {
	const { bytes, start, end, cap, text, apdu } = search;
	if (start === 0) {
		const isKnown = bytes[0] === cipheredTag && parseHeader(apdu, bytes, 0, end, cap) === "header";
		const length = isKnown && apdu.end > end ? apdu.end : cap + overhead;
		search.bytes = new Uint8Array(new ArrayBuffer(length, { maxByteLength: length }));
		search.bytes.set(bytes);
	} else {
		bytes.copyWithin(0, start, end);
		search.before += start;
		search.end -= start;
		search.start = 0;
	}
	moveSearch(text, search.bytes, start);
}

/** Judges every whole frame in what is held, up to one that waits. With `last`, what is still incomplete is refused: whether something was. */
function scan(search: FrameSearch, last: boolean): boolean {
	const { bytes } = search;
	let { start: at, end } = search;
	// From here on, bytes are discarded.
	let from = at;
	let expired = false;
	while (at < end) {
		const first = bytes[at];
		let next = at + 1;
		if (first === cipheredTag) next = judgeApdu(search, at, last);
		else if (first === slash) next = judgeText(search, at, last);
		// A part of the frame may have been cut out.
		end = search.end;
		if (next === at) {
			if (!last || search.isWaiting) break;
			expired = true;
			next = at + 1;
		}
		if (next < 0) {
			// Before a telegram that was taken now it explains nothing.
			if (search.hints !== null) note(search, from, at);
			next = -next;
			from = next;
		} else search.discarded += next - at;
		at = next;
	}
	if (from < at) note(search, from, at);
	if (at === end) empty(search);
	else search.start = at;
	return expired;
}

/** Counts what bytes that belong to no frame look like. */
function note(search: FrameSearch, start: number, end: number): void {
	search.hints ??= createHints();
	search.hints.frameLength = search.frameLength;
	noteBytes(search.hints, search.bytes, start, end);
}

/** A telegram has come: what was before it explains nothing. */
export function endHints(search: FrameSearch): void {
	search.hints = null;
}

/** Holds nothing, and no more memory than at first. */
function empty(search: FrameSearch): void {
	search.before += search.end;
	search.isWaiting = false;
	search.start = 0;
	search.end = 0;
	if (search.bytes.length > firstLength || (search.bytes.buffer as ArrayBuffer).resizable) {
		// The long one goes first: there is no room for both.
		search.bytes = new Uint8Array(0);
		moveSearch(search.text, search.bytes, 0);
		search.bytes = new Uint8Array(firstLength);
		moveSearch(search.text, search.bytes, 0);
	}
	resetSearch(search.text);
}

/**
 * Cuts what is not needed any more, from `start` to `end`, out of the APDU at hand, and so out of memory: what is behind it moves to the
 * front. Tells how many bytes that was, 0 where the buffer is no longer than at first.
 */
export function cutFrame(search: FrameSearch, start: number, end: number): number {
	const { bytes, apdu, text } = search;
	const buffer = bytes.buffer as ArrayBuffer;
	if (!buffer.resizable) return 0;
	const count = end - start;
	bytes.copyWithin(start, end, search.end);
	search.end -= count;
	search.before += count;
	apdu.textEnd -= count;
	apdu.end -= count;
	buffer.resize(Math.min(bytes.length, search.end + slack));
	moveSearch(text, bytes, 0);
	return count;
}

/** What `scan` does next: the same place to wait for more bytes, a later one to discard up to it, minus the end of an accepted frame. */
function judgeApdu(search: FrameSearch, at: number, last: boolean): number {
	const { apdu, bytes, end, faults } = search;
	if (search.isWaiting) return judgeWhole(search, at);
	const verdict = parseHeader(apdu, bytes, at, end, search.cap);
	switch (verdict) {
		case "header":
			search.frameLength = apdu.end - at;
			if (apdu.end <= end) return judgeWhole(search, at);
			if (!last) search.handler.onPart(bytes, apdu, end, search.before + at);
			return at;
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
	let next = handler.onApdu(bytes, apdu, search.before + at);
	const frameEnd = apdu.end;
	search.isWaiting = next === 0;
	if (next === 0) return at;
	if (next < 0) return at + 1;
	while (next < frameEnd && !mayBegin(apdu, bytes, next, frameEnd, cap)) next += 1;
	return -next;
}

function mayBegin(apdu: Apdu, bytes: Uint8Array, at: number, end: number, cap: number): boolean {
	if (bytes[at] === cipheredTag) return parseHeader(apdu, bytes, at, end, cap) !== "noise";
	return isTextStart(bytes, at, end) !== "noise";
}

function judgeText(search: FrameSearch, at: number, last: boolean): number {
	const { bytes, end, faults, text } = search;
	if (search.isWaiting) return judgeWholeText(search, at, search.textStart, search.textEnd);
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
		return judgeWholeText(search, at, textStart, textEnd);
	}
	// A byte that no telegram holds: nothing that begins before it can be whole.
	if (textEnd < 0) return giveUpText(text, at, 1 - textEnd);
	if (limit - at <= search.cap) return at;
	faults.length += 1;
	return at + 1;
}

function judgeWholeText(search: FrameSearch, at: number, textStart: number, textEnd: number): number {
	const isWhole = search.handler.onText(search.bytes, textStart, textEnd, search.before + at);
	search.isWaiting = isWhole === null;
	if (isWhole === null) {
		search.textStart = textStart;
		search.textEnd = textEnd;
		return at;
	}
	if (!isWhole) return giveUpText(search.text, at, textEnd);
	search.discarded += textStart - at;
	return -textEnd;
}

/** No telegram in clear begins between `at` and `end`: where the search for other frames goes on. Text holds none. */
function giveUpText(text: TextSearch, at: number, end: number): number {
	text.dead = end;
	if (text.odd < 0) return end;
	return text.odd > at ? text.odd : at + 1;
}
