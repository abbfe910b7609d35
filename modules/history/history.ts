/** Readings that the broker has not acknowledged, in RAM and in flash. */
import { encodeState } from "../messages/json.js";
import { historyTopic } from "../messages/topics.js";
import type { Telegram } from "../p1/reader.js";
import type { Flash } from "../ports/ports.js";
import type { Backlog, QueuedMessage } from "../uplink/outbox.js";
import { forgetTwins, giveBackQuarter, settleQuarter, takeQuarter } from "./quarter-search.js";
import { openQuarters, type Quarters, writeQuarter } from "./quarters.js";
import {
	addRecent,
	createRecent,
	giveBackRecent,
	holdsRecent,
	type Recent,
	settleRecent,
	shapeOf,
	takeRecent,
} from "./recent.js";
import { describeShape, restoreTelegram, type Sample, type Shape, takeSample } from "./sample.js";

/**
 * Readings that the broker has not acknowledged, to be delivered in their order when it is back: the last hour in RAM at full
 * resolution, and the first of each quarter of an hour in flash, which also outlives a restart. Every reading goes through
 * here; one that is acknowledged at once is settled before it was ever late.
 */
export interface History extends Backlog {
	readonly recent: Recent;
	/** Null where the board has no flash for it. */
	readonly quarters: Quarters | null;
	/** The readings that are to be written to flash next, of one meter each. */
	readonly due: { sequence: number; shape: Shape; sample: Sample; awaitsLora: boolean }[];
	/** The last reading of each meter that is in flash, or due: its time, UTC in seconds. */
	readonly kept: { meter: string; time: number }[];
}

const quarterSeconds = 900;
/** Of how many meters the last quarter hour is known. */
const mostMeters = 12;
/** Of 832 bytes each: an hour of a house with three phases in which every number changes each time, 25 minutes where all of them leap. */
const blockCount = 12;

/** Looks through the flash, at the boot. `base` is what topics begin with. */
export function openHistory(flash: Flash | null, base: string): History {
	const quarters = flash === null ? null : openQuarters(flash);
	return new KeptHistory(quarters, base);
}

/** A class, whose methods lie in flash. */
class KeptHistory implements History {
	readonly recent = createRecent(blockCount);
	readonly quarters: Quarters | null;
	readonly due: History["due"] = [];
	readonly kept: History["kept"];
	private readonly base: string;

	constructor(quarters: Quarters | null, base: string) {
		this.quarters = quarters;
		this.kept = quarters === null ? [] : quarters.newest.map(({ meter, time }) => ({ meter, time }));
		this.base = base;
	}

	/** Flash first, which is older, then RAM. A reading that is in both is delivered out of RAM. */
	takeLate(): QueuedMessage | null {
		const { quarters, recent, base } = this;
		if (quarters !== null) {
			const late = takeQuarter(quarters);
			// Below zero: an offset in flash.
			if (late !== null) return wrap(base, late.shape, late.sample, -late.offset);
		}
		const late = takeRecent(recent);
		return late === null ? null : wrap(base, late.shape, late.sample, late.sequence);
	}

	settle(sequence: number): void {
		if (sequence > 0) settleRecent(this.recent, sequence);
		if (this.quarters !== null) settleQuarter(this.quarters, sequence);
	}

	giveBack(sequence: number): void {
		if (sequence > 0) giveBackRecent(this.recent, sequence);
		else if (this.quarters !== null) giveBackQuarter(this.quarters, -sequence);
	}
}

function quarterOf(seconds: number): number {
	return Math.floor(seconds / quarterSeconds);
}

/**
 * Keeps a reading, which is on its way to the broker, and returns its sequence number. `meter` is its name in topics. `awaitsLora`: a
 * quarter hour of it goes over LoRa, too.
 */
export function addReading(history: History, telegram: Telegram, meter: string, awaitsLora = false): number {
	const shape = describeShape(telegram, meter);
	const sample = takeSample(telegram);
	const { recent, quarters } = history;
	const { nextFirst } = recent;
	const sequence = addRecent(recent, shape, sample);
	// The oldest block had to go: what flash has of it is to be delivered from there.
	if (recent.nextFirst !== nextFirst && quarters !== null) forgetTwins(quarters, held => holdsRecent(recent, held));
	if (sample.time !== null && beginsQuarter(history, meter, sample.time)) {
		// The one that RAM has, so that there is one for both.
		history.due.push({ sequence, shape: shapeOf(recent, sequence) ?? shape, sample, awaitsLora });
	}
	return sequence;
}

/** Whether the meter's reading of this time is the first of its quarter hour, and then the last that is known. */
function beginsQuarter({ kept }: History, meter: string, time: number): boolean {
	const last = kept.find(other => other.meter === meter);
	if (last === undefined) {
		if (kept.length >= mostMeters) kept.shift();
		kept.push({ meter, time });
		return true;
	}
	if (quarterOf(time) === quarterOf(last.time)) return false;
	last.time = time;
	return true;
}

/** The time of the newest reading of this meter that is in flash, UTC in milliseconds; null where there is none. */
export function newestTime({ kept }: History, meter: string): number | null {
	const newest = kept.find(other => other.meter === meter);
	return newest === undefined ? null : newest.time * 1_000;
}

/** Writes to flash all that is due. Throws when the flash fails. */
export function writeDue(history: History): void {
	while (writeNext(history)) {}
}

/**
 * One step of that; false where nothing is due. Throws when the flash fails. It may be busy for the time of an erase, which is best right
 * after a telegram, when the line is silent.
 */
export function writeNext({ due, quarters }: History): boolean {
	const next = due[0];
	if (next === undefined) return false;
	let isDone = true;
	try {
		if (quarters !== null) isDone = writeQuarter(quarters, next.sequence, next.shape, next.sample, next.awaitsLora);
	} finally {
		if (isDone) due.shift();
	}
	return true;
}

function wrap(base: string, shape: Shape, sample: Sample, sequence: number): QueuedMessage {
	const payload = encodeState(restoreTelegram(shape, sample));
	return { topic: historyTopic(base, shape.meter), payload, quality: 1, retain: false, sequence, late: true };
}
