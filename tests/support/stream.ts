/** Feeds a reader with bytes in chunks, and collects what comes out. */

import { expect } from "vitest";
import type { Faults } from "../../modules/p1/faults.js";
import {
	accept,
	type Counters,
	createReader,
	expire,
	finish,
	type ReaderOptions,
	type Telegram,
	type Verdict,
} from "../../modules/p1/reader.js";
import type { Readings } from "../../modules/p1/readings.js";
import { type Chance, createChance } from "./chance.js";
import { joinBytes } from "./vectors.js";

/** What a reader called back with, copied out of its buffer. */
export interface Seen {
	verdict: Verdict;
	systemTitle: string | null;
	frameCounter: number | null;
	text: string;
	readings: Readings;
}

export interface Outcome {
	telegrams: Seen[];
	faults: Faults;
	counters: Counters;
}

/** Bytes that arrive together, and when: milliseconds. */
export interface Arrival {
	bytes: Uint8Array;
	at: number;
}

export function copyTelegram(telegram: Telegram): Seen {
	return {
		verdict: telegram.verdict,
		systemTitle: telegram.systemTitle,
		frameCounter: telegram.frameCounter,
		text: Buffer.from(telegram.bytes.slice(telegram.start, telegram.end)).toString("latin1"),
		readings: structuredClone(telegram.readings),
	};
}

/**
 * Runs a new reader over the arrivals, with its clock ticking every second between them and at the end, as the device does, and
 * with `finish` last. Chunks lie inside a larger array, so that a reader that ignores `start` or `end` reads rubbish, and may
 * not be written to.
 */
export function receive(options: ReaderOptions, arrivals: Iterable<Arrival>): Outcome {
	const telegrams: Seen[] = [];
	const reader = createReader(options, telegram => telegrams.push(copyTelegram(telegram)));
	let tick = 0;
	let length = 0;
	for (const { bytes, at } of arrivals) {
		for (; tick < at; tick += 1000) expire(reader, tick);
		const margin = 1 + (length % 7);
		const surrounded = joinBytes(new Uint8Array(margin).fill(0xdb), bytes, new Uint8Array(3).fill(0x2f));
		const before = surrounded.slice();
		accept(reader, surrounded, margin, margin + bytes.length, at);
		if (!equalBytes(surrounded, before)) throw new Error("accept wrote to the bytes it was given");
		length += bytes.length;
	}
	finish(reader);
	checkCounters(reader.counters, telegrams, length);
	return { telegrams, faults: { ...reader.faults }, counters: { ...reader.counters } };
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
	return Buffer.from(left.buffer, left.byteOffset, left.length).equals(right);
}

function checkCounters(counters: Counters, telegrams: readonly Seen[], length: number): void {
	const count = (verdict: Verdict) => telegrams.filter(telegram => telegram.verdict === verdict).length;
	expect({ ...counters, discarded: 0 }).toEqual({
		bytes: length,
		discarded: 0,
		telegrams: telegrams.length,
		authenticated: count("authenticated"),
		crcOnly: count("crc-only"),
		plain: count("plain"),
	});
	expect(counters.discarded).toBeGreaterThanOrEqual(0);
	const text = telegrams.reduce((sum, telegram) => sum + telegram.text.length, 0);
	expect(counters.discarded).toBeLessThanOrEqual(length - text);
}

/** Cuts bytes into chunks of the lengths that `next` gives. */
export function cut(bytes: Uint8Array, next: () => number, at = 0): Arrival[] {
	const arrivals: Arrival[] = [];
	for (let start = 0; start < bytes.length; ) {
		const end = Math.min(bytes.length, start + next());
		arrivals.push({ bytes: bytes.subarray(start, end), at });
		start = end;
	}
	return arrivals;
}

/** The ways one stream of bytes is fed: whole, byte by byte, as a UART's buffer gives it, and in `times` random ways. */
export function* feedings(bytes: Uint8Array, chance: Chance, times = 4): Generator<readonly [string, Arrival[]]> {
	yield ["whole", [{ bytes, at: 0 }]];
	yield ["byte by byte", cut(bytes, () => 1)];
	yield ["in 128s", cut(bytes, () => 128)];
	for (let time = 0; time < times; time += 1) {
		const most = chance.pick([3, 40, 700, 5000]);
		yield [`in random chunks of up to ${most}, time ${time}`, cut(bytes, () => chance.integer(1, most))];
	}
	yield ["with empty chunks", cut(bytes, () => chance.integer(0, 1) * chance.integer(1, 300))];
}

/** A piece of a stream: a frame with the telegram that must be found in it, or bytes in which nothing may be found. */
export interface Piece {
	name: string;
	bytes: Uint8Array;
	telegram: string | null;
}

/**
 * Feeds the pieces, joined, in every way of `feedings`, and asserts that exactly the expected telegrams come, in order, and that
 * every byte of the rest is counted as discarded.
 */
export function expectFound(options: ReaderOptions, pieces: readonly Piece[], seed = 1): void {
	const bytes = joinBytes(...pieces.map(piece => piece.bytes));
	const rubbish = pieces.reduce((sum, piece) => sum + (piece.telegram === null ? piece.bytes.length : 0), 0);
	const expected = pieces.flatMap(piece => (piece.telegram === null ? [] : [piece.telegram]));
	for (const [name, arrivals] of feedings(bytes, createChance(seed))) {
		const { telegrams, faults, counters } = receive(options, arrivals);
		const found = telegrams.map(telegram => telegram.text);
		const message = `${pieces.map(piece => piece.name).join(", ")}: ${name}`;
		expect(found, message).toEqual(expected);
		// A replayed frame is dropped, but its bytes are a frame's.
		if (faults.replay === 0) expect(counters.discarded, message).toBe(rubbish);
	}
}
