/** What bytes that are no telegram look like: counted as they are given up, so that `explain.ts` can tell the owner what came instead. */

/** So many bytes since the last telegram are looked at: enough to tell, and no cost after that. */
const mostLooked = 4096;

/** Frames whose next one comes so few bytes early have lost bytes on the way; others were cut. */
const mostLost = 16;

export interface Hints {
	/** Bytes that were looked at. */
	looked: number;
	/** Those with the highest bit set. */
	high: number;
	/** Those that are text, and those that would be without the highest bit. */
	text: number;
	text7: number;
	/** Those with an even number of bits set. */
	even: number;
	/** Hexadecimal digits, blanks and line ends. */
	hex: number;
	/** CR, LF, and LF after CR. */
	carriageReturns: number;
	lineFeeds: number;
	lineEnds: number;
	/** LF after two CR. */
	doubleEnds: number;
	/** Line beginnings like `1-0:`. */
	objects: number;
	/** M-Bus long frames, `68 L L 68`. */
	mbus: number;
	/** Headers of the logical link in HDLC, `E6 E7 00`. */
	hdlc: number;
	/** A ciphered frame without its first bytes behind an empty line, as in Poland. */
	header: number;
	/** Commands of telnet, `FF FB` to `FF FE`. */
	telnet: number;
	/** Runs of FF of an even length, which is what telnet makes of each, and of an odd one. */
	evenRuns: number;
	oddRuns: number;
	/** Ciphered frames after which the next one began before their end: long before, or a few bytes. */
	cut: number;
	lossy: number;
	/** The length of the last ciphered frame as its header tells it (`frame.ts`). */
	frameLength: number;
	/** The last four bytes, the length of the run of FF that they end in, and the beginning of the last ciphered frame. */
	word: number;
	run: number;
	head: number;
	headAt: number;
}

export function createHints(): Hints {
	return {
		looked: 0,
		high: 0,
		text: 0,
		text7: 0,
		even: 0,
		hex: 0,
		carriageReturns: 0,
		lineFeeds: 0,
		lineEnds: 0,
		doubleEnds: 0,
		objects: 0,
		mbus: 0,
		hdlc: 0,
		header: 0,
		telnet: 0,
		evenRuns: 0,
		oddRuns: 0,
		cut: 0,
		lossy: 0,
		frameLength: 0,
		word: 0,
		run: 0,
		head: 0,
		headAt: 0,
	};
}

/** Takes bytes that belong to no frame, from `start` to `end`, which follow the ones before. */
export function noteBytes(hints: Hints, bytes: Uint8Array, start: number, end: number): void {
	const left = mostLooked - hints.looked;
	const last = end - start < left ? end : start + left;
	for (let at = start; at < last; at += 1) {
		const byte = bytes[at];
		countByte(hints, byte);
		hints.word = (hints.word << 8) | byte;
		hints.looked += 1;
		findPatterns(hints, hints.word);
	}
}

function countByte(hints: Hints, byte: number): void {
	const low = byte & 0x7f;
	const isText = (low >= 32 && low < 127) || low === 13 || low === 10 || low === 9;
	if (isText) hints.text7 += 1;
	if (byte > 127) hints.high += 1;
	else if (isText) hints.text += 1;
	const folded = byte ^ (byte >> 4);
	if (((0x9669 >> (folded & 15)) & 1) === 1) hints.even += 1;
	const letter = byte | 32;
	if ((byte >= 48 && byte <= 57) || (letter >= 97 && letter <= 102) || byte === 32 || byte === 13 || byte === 10) {
		hints.hex += 1;
	}
	if (byte === 13) hints.carriageReturns += 1;
	else if (byte === 10) hints.lineFeeds += 1;
	if (byte === 255) {
		hints.run += 1;
	} else if (hints.run > 0) {
		if ((hints.run & 1) === 0) hints.evenRuns += 1;
		else hints.oddRuns += 1;
		hints.run = 0;
	}
}

/** `word`: the last four bytes, the latest lowest. */
function findPatterns(hints: Hints, word: number): void {
	const two = word & 0xffff;
	if (two === 0x0d0a) {
		hints.lineEnds += 1;
		if (((word >> 16) & 0xff) === 13) hints.doubleEnds += 1;
	}
	if ((two & 0xff00) === 0xff00 && (word & 0xff) >= 0xfb && (word & 0xff) < 0xff) hints.telnet += 1;
	if ((word & 0xffffff) === 0xe6e700 || (word & 0xffffff) === 0xe6e600) hints.hdlc += 1;
	const first = (word >> 24) & 0xff;
	if (first === 0x68 && (word & 0xff) === 0x68 && ((word >> 16) & 0xff) === ((word >> 8) & 0xff)) hints.mbus += 1;
	// An empty title, and a length of two bytes.
	if (((word >> 8) & 0xffffff) === 0x0a0082) hints.header += 1;
	if ((first === 13 || first === 10) && (word & 0xf0fff0) === 0x302d30) hints.objects += 1;
	if (((word >> 16) & 0xffff) === 0xdb08) noteHead(hints, word);
}

/** Another ciphered frame of the same meter begins. */
function noteHead(hints: Hints, word: number): void {
	if (word === hints.head) {
		const early = hints.frameLength - (hints.looked - hints.headAt);
		if (early > mostLost) hints.cut += 1;
		else if (early > 0) hints.lossy += 1;
	}
	hints.head = word;
	hints.headAt = hints.looked;
}
