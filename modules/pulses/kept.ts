/** What is kept of a counter over restarts and losses of power. */

import { crc16 } from "../p1/crc16.js";
import type { Retained, Store } from "../ports/ports.js";
import { type Counter, energyAt } from "./counter.js";

/**
 * In the store, in two generations: each write takes the place of the older one, with a number and a checksum, so that a loss of power
 * leaves one of them. Beside it, memory that survives restarts has the newest count of all.
 *
 * What is told is what the store has: pulses that it has not yet are lost with the power, and a sum that was told must not fall.
 */
export interface KeptPlace {
	/** Of the counter among all, from 0. */
	readonly place: number;
	/** Of its name, 32 bits. */
	readonly tag: number;
	/** Number of the newest whole generation. */
	generation: number;
	/** Which of the two names is written next. */
	next: 0 | 1;
	/** Pulses that the store has, and whether something else of it is new. */
	count: number;
	isNew: boolean;
	/** Pulses that may be told: those of the store, or all where it cannot be written. */
	told: number;
	/** When the next write may be, monotonic milliseconds. */
	nextWrite: number;
}

interface Kept {
	generation: number;
	name: string;
	constant: number;
	start: number | null;
	base: number;
	baseCount: number;
	count: number;
}

/** Counters that there can be. */
export const mostCounters = 4;
/** How often a count is written that grows: each is three entries of NVS, 2.4 erases a day of each of its sectors. */
export const keepMs = 60_000;

const generations = Object.freeze([0, 1] as const);

/** `pulses10`: the place and the generation. */
function nameIn(place: number, which: 0 | 1): string {
	return `pulses${place}${which}`;
}

/** Gives the counter what was kept under its name, wherever that was. Never throws. */
export function restoreCounter(
	counter: Counter,
	place: number,
	store: Store,
	retained: Retained | undefined,
): KeptPlace {
	const tag = tagOf(counter.name);
	const kept: KeptPlace = { place, tag, generation: 0, next: 0, count: 0, isNew: false, told: 0, nextWrite: 0 };
	let found: Kept | null = null;
	let foundPlace = place;
	for (let other = 0; other < mostCounters; other += 1) {
		for (const which of generations) {
			const text = store.read(nameIn(other, which));
			const entry = text === null ? null : unpack(text);
			if (entry === null) continue;
			if (other === place && entry.generation > kept.generation) {
				kept.generation = entry.generation;
				kept.next = which === 0 ? 1 : 0;
			}
			if (entry.name !== counter.name || (found !== null && !isNewer(entry, found))) continue;
			found = entry;
			foundPlace = other;
		}
	}
	if (found !== null) {
		takeOver(counter, found);
		const { constant, start } = found;
		kept.isNew = foundPlace !== place || constant !== counter.constant || start !== counter.start;
		// What is written here is newer than what it was under another place.
		kept.generation = Math.max(kept.generation, found.generation);
	}
	kept.count = counter.count;
	kept.told = counter.count;
	counter.count = Math.max(counter.count, retained?.read(place, tag) ?? 0);
	return kept;
}

function isNewer(one: Kept, other: Kept): boolean {
	return one.count > other.count || (one.count === other.count && one.generation > other.generation);
}

/** With another constant the sum goes on from where it is; another `start` is what the meter shows now. */
function takeOver(counter: Counter, { constant, start, base, baseCount, count }: Kept): void {
	counter.count = count;
	counter.base = base;
	counter.baseCount = baseCount;
	if (constant !== counter.constant) {
		counter.base = energyAt({ ...counter, constant }, count) * 1_000;
		counter.baseCount = count;
	}
	if (start === counter.start || counter.start === null) return;
	counter.base = counter.start;
	counter.baseCount = count;
}

/** Writes what is new if it is time, or at once before an end. Throws where the store cannot be written; then all that was counted may be told. */
export function keepCounter(kept: KeptPlace, counter: Counter, store: Store, now: number, isEnd = false): void {
	if (now < kept.nextWrite && !isEnd) return;
	if (counter.count === kept.count && !kept.isNew) return;
	kept.nextWrite = now + keepMs;
	try {
		const name = nameIn(kept.place, kept.next);
		const text = pack(counter, kept.generation + 1);
		store.write(name, text);
		if (store.read(name) !== text) throw new Error("the store did not keep a count");
		kept.generation += 1;
		kept.next = kept.next === 0 ? 1 : 0;
		kept.count = counter.count;
		kept.isNew = false;
	} finally {
		kept.told = counter.count;
	}
}

/** Tells memory that survives a restart the newest count. */
export function retainCounter({ place, tag }: KeptPlace, { count }: Counter, retained: Retained): void {
	retained.write(place, tag, count);
}

/** Two names of the same 32 bits would have to take the same place after one another. */
function tagOf(name: string): number {
	const bytes = bytesOf(name);
	return bytes.length * 0x10000 + crc16(bytes, 0, bytes.length);
}

function bytesOf(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
	return bytes;
}

/** In at most 120 characters of ASCII. */
function pack({ name, constant, start, base, baseCount, count }: Counter, generation: number): string {
	const body = JSON.stringify([generation, name, constant, start, base, baseCount, count]);
	return `${checksumOf(body)} ${body}`;
}

function checksumOf(body: string): string {
	return String(crc16(bytesOf(body), 0, body.length));
}

/** What `pack` made; null for anything else. */
function unpack(text: string): Kept | null {
	const end = text.indexOf(" ");
	const body = text.slice(end + 1);
	if (end < 0 || text.slice(0, end) !== checksumOf(body)) return null;
	try {
		const fields: unknown = JSON.parse(body);
		if (!Array.isArray(fields) || fields.length !== 7) return null;
		const [generation, name, constant, start, base, baseCount, count] = fields;
		const isWhole = [generation, base, baseCount, count].every(value => Number.isSafeInteger(value) && value >= 0);
		if (
			!isWhole ||
			typeof name !== "string" ||
			!(constant > 0 && constant < Infinity) ||
			!(start === null || start >= 0)
		)
			return null;
		return { generation, name, constant, start, base, baseCount, count };
	} catch {
		return null;
	}
}
