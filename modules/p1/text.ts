/** Where a telegram in clear begins and ends. */
import { hexDigit } from "./hex.js";

const carriageReturn = 13;
const lineFeed = 10;
const exclamation = 33;
const openBracket = 40;
const closeBracket = 41;
const slash = 47;
const cipheredTag = 0xdb;
/** As a signed number, because XS computes with others in floating point. */
const highBits = 0x80808080 | 0;

/** Whether a byte can stand in a telegram: printable ASCII, CR, LF and TAB. */
export function isTextByte(byte: number): boolean {
	return (byte >= 32 && byte < 127) || byte === carriageReturn || byte === lineFeed || byte === 9;
}

function isAlphanumeric(byte: number): boolean {
	const letter = byte | 32;
	return (byte >= 48 && byte <= 57) || (letter >= 97 && letter <= 122);
}

/** Whether a telegram begins at `at`: `/`, three letters or digits (the FLAG identifier) and one more character. */
export function isTextStart(bytes: Uint8Array, at: number, end: number): "start" | "incomplete" | "noise" {
	if (bytes[at] !== slash) return "noise";
	for (let index = 1; index < 5; index += 1) {
		if (at + index >= end) return "incomplete";
		const byte = bytes[at + index];
		if (index < 4 ? !isAlphanumeric(byte) : !isTextByte(byte)) return "noise";
	}
	return "start";
}

/** After so many bytes outside of brackets on one line that are no text, what is searched is no telegram. */
const mostOdd = 32;

/**
 * How far the held bytes are known to hold no end of a telegram. Where a telegram ends does not depend on where it began, so
 * that every byte is looked at once, however many false starts there are.
 *
 * A telegram is text, but bytes inside of brackets are data and may have any value, and elsewhere a CRC may prove a line that cannot be
 * read. So single bytes that are no text are passed over, and many of them outside of brackets on one line end the search.
 */
export interface TextSearch {
	/** The held bytes. */
	view: DataView;
	searched: number;
	/** No telegram that begins before this place is whole. */
	dead: number;
	/** The first byte that is no text, where a ciphered frame may begin; -1 if there was none. */
	odd: number;
	/** Behind the last byte that is no text: up to there `inside` and `count` hold. */
	known: number;
	/** Whether a bracket is open. */
	inside: boolean;
	/** Bytes outside of brackets, on one line, that are no text. */
	count: number;
}

/** `bytes` is what `findTextEnd` will look at. */
export function createTextSearch(bytes: Uint8Array): TextSearch {
	return { view: viewOf(bytes), searched: 0, dead: 0, odd: -1, known: 0, inside: false, count: 0 };
}

function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The held bytes lie in another buffer from now on, or `by` places further to the front. */
export function moveSearch(search: TextSearch, bytes: Uint8Array, by: number): void {
	if (bytes.buffer !== search.view.buffer || (bytes.buffer as ArrayBuffer).resizable) search.view = viewOf(bytes);
	search.searched -= by;
	search.dead -= by;
	search.odd = search.odd < by ? -1 : search.odd - by;
	search.known -= by;
}

/** Nothing is held. */
export function resetSearch(search: TextSearch): void {
	search.dead = 0;
	restartSearch(search, 0);
}

function restartSearch(search: TextSearch, start: number): void {
	search.searched = start;
	search.odd = -1;
	search.known = start;
	search.inside = false;
	search.count = 0;
}

/**
 * The end of the telegram that begins at `start`: behind `!`, up to four digits of CRC and the line end. 0 if it has not come
 * yet; minus the place of the first byte that no telegram can hold, if that comes first. With `last` no byte will follow, so
 * the line end may be missing. Linear in the bytes that were not searched before.
 */
export function findTextEnd(search: TextSearch, bytes: Uint8Array, start: number, end: number, last: boolean): number {
	if (search.searched < start) restartSearch(search, start);
	let at = skipText(search.view, bytes, search.searched, end);
	while (at < end) {
		if (bytes[at] !== exclamation) {
			if (!passOdd(search, bytes, at)) {
				search.searched = at;
				return -at;
			}
		} else if (bytes[at - 1] === lineFeed) {
			const close = findClose(bytes, at + 1, end, last);
			if (close >= 0) {
				search.searched = at;
				return close;
			}
		}
		at = skipText(search.view, bytes, at + 1, end);
	}
	search.searched = at;
	return 0;
}

/** Whether a telegram may hold the byte at `at`, which is no text. Looks back at what was not looked at before. */
function passOdd(search: TextSearch, bytes: Uint8Array, at: number): boolean {
	let { inside, count } = search;
	let isNear = true;
	for (let back = at - 1; back >= search.known; back -= 1) {
		const byte = bytes[back];
		if (byte > slash) continue;
		// Another telegram may begin here.
		if (byte === slash) isNear = false;
		else if (byte === openBracket || byte === closeBracket || byte === lineFeed || byte === carriageReturn) {
			inside = byte === openBracket;
			if (byte < exclamation) count = 0;
			break;
		}
	}
	if (search.odd < 0) search.odd = at;
	search.known = at + 1;
	search.inside = inside;
	search.count = inside ? 0 : isNear ? count + 1 : 1;
	return search.count <= mostOdd;
}

/** The first place from `start` on that holds `!` or what cannot stand in a telegram, or `end`. */
function skipText(view: DataView, bytes: Uint8Array, start: number, end: number): number {
	const words = end - 4;
	let at = start;
	while (at < end) {
		// Most of the bytes are above `!` and below DEL, and four of them at a time are: none has its high bit set, nor when 1 is added,
		// nor when 34 is taken.
		for (; at <= words; at += 4) {
			const word = view.getInt32(at);
			if (word < 0 || ((word | (word + 0x01010101) | (word - 0x22222222)) & highBits) !== 0) break;
		}
		let byte = 0;
		for (; at < end; at += 1) {
			byte = bytes[at];
			if (byte <= exclamation || byte > 126) break;
		}
		if (at === end) break;
		// As a rule, what is left is the line end.
		if (byte !== carriageReturn && (byte === exclamation || !isTextByte(byte))) break;
		at += 1;
		if (at < end && bytes[at] === lineFeed) at += 1;
	}
	return at;
}

/** The end of the line that `!` before `start` begins: 0 if it has not come yet, -1 if that is not a telegram's last one. */
function findClose(bytes: Uint8Array, start: number, end: number, last: boolean): number {
	let at = start;
	while (at < end && at < start + 4 && hexDigit(bytes[at]) >= 0) at += 1;
	if (at < end && bytes[at] === carriageReturn) at += 1;
	if (at === end) return last ? at : 0;
	const byte = bytes[at];
	if (byte === lineFeed) return at + 1;
	// The line end is lost, or was cut off with what came before; else it is a line that begins with an exclamation mark.
	const isClose = at >= start + 4 || bytes[at - 1] === carriageReturn;
	return isClose || byte === slash || byte === cipheredTag || byte === 0 ? at : -1;
}

/** A telegram's last line. */
export interface Closing {
	/** The place of the `!`, or -1 if there is none. */
	mark: number;
	/** The CRC as printed, or -1 if there is none. */
	crc: number;
}

/** Finds the last line of the telegram that ends at `end`: `!`, a CRC of up to four digits in either case, line end. */
export function parseClosing(bytes: Uint8Array, start: number, end: number): Closing {
	let at = end;
	while (at > start && (bytes[at - 1] === lineFeed || bytes[at - 1] === carriageReturn || bytes[at - 1] === 0)) at -= 1;
	let crc = 0;
	let shift = 0;
	while (at > start && shift < 16) {
		const digit = hexDigit(bytes[at - 1]);
		if (digit < 0) break;
		crc |= digit << shift;
		shift += 4;
		at -= 1;
	}
	if (at === start || bytes[at - 1] !== exclamation) return { mark: -1, crc: -1 };
	return { mark: at - 1, crc: shift === 0 ? -1 : crc };
}

/** Whether every byte from `start` to `end` can stand in a telegram, but for NULs behind it. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
	const view = viewOf(bytes);
	let textEnd = end;
	while (textEnd > start && bytes[textEnd - 1] === 0) textEnd -= 1;
	let at = skipText(view, bytes, start, textEnd);
	while (at < textEnd && bytes[at] === exclamation) at = skipText(view, bytes, at + 1, textEnd);
	return at === textEnd;
}
