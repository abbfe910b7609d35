/** The ground truth: what the meters sent, and which readings had to be delivered. */

import type { MeterSnapshot } from "../../telegram.js";
import { hour, minute, second } from "../clock.js";

/** A frame that a meter sends. */
export interface Transmission {
	readonly serial: string;
	/** The meter's clock, UTC in milliseconds. */
	readonly time: number;
	/** The meter's own numbers; null for a frame that a real one sent once. */
	readonly snapshot: MeterSnapshot | null;
	readonly length: number;
}

/** What became of a transmission. Times are the world's microseconds. */
export interface Sent extends Transmission {
	readonly sentAt: number;
	/** The device has the key for it. */
	readonly readable: boolean;
	/** Bytes of it that the firmware got, in which boot. */
	read: number;
	bootEpoch: number;
	/** When the firmware had all of it, or -1. */
	receivedAt: number;
	/** Somebody recorded it and played it, so that it may have come whole that way. */
	replayed: boolean;
	/** How often it came to the broker. */
	deliveries: number;
}

/** Everything that the meters sent, and the chances there were to deliver it. */
export interface GroundTruth {
	readonly sent: Sent[];
	readonly byName: Map<string, Sent>;
	/** Received since memory was lost last, and not delivered. */
	pending: number;
	/** How many transmissions in a row came whole that the device has the key for, or has not. */
	readableStreak: number;
	unreadableStreak: number;
	/** When the last one came that it has the key for. */
	lastReadableAt: number;
	/** What the last byte that the firmware got on a line belonged to. */
	readonly lastTags: number[];
	maxQueue: number;
	received: number;
	delivered: number;
	duplicates: number;
	/** Seconds that the broker could have taken readings, up to each whole minute since the beginning. */
	readonly able: number[];
	ableSeconds: number;
	/** When the device's memory was lost. */
	readonly losses: number[];
	/** How long readings are kept at full resolution: an hour, which all meters share. */
	readonly kept: number;
}

const quarter = 900_000;
/** So long a reading may need from the line to its place in the flash. */
const processing = 5 * second;
/** So many seconds with the broker must do to deliver everything. */
const enough = 120;

export function createGroundTruth(meters = 1): GroundTruth {
	return {
		sent: [],
		byName: new Map(),
		pending: 0,
		readableStreak: 0,
		unreadableStreak: 0,
		lastReadableAt: 0,
		lastTags: [],
		maxQueue: 0,
		received: 0,
		delivered: 0,
		duplicates: 0,
		able: [0],
		ableSeconds: 0,
		losses: [],
		kept: hour / meters,
	};
}

function nameReading(serial: string, time: number): string {
	return `${serial} ${time}`;
}

/** Notes a transmission; the number is its tag on the line. */
export function noteSent(
	groundTruth: GroundTruth,
	transmission: Transmission,
	readable: boolean,
	sentAt: number,
): number {
	const { serial, time } = transmission;
	const entry: Sent = {
		...transmission,
		readable,
		sentAt,
		read: 0,
		bootEpoch: -1,
		receivedAt: -1,
		replayed: false,
		deliveries: 0,
	};
	groundTruth.byName.set(nameReading(serial, time), entry);
	const before = groundTruth.sent.at(-1);
	if (before === undefined || before.receivedAt < 0) {
		groundTruth.readableStreak = 0;
		groundTruth.unreadableStreak = 0;
	}
	return groundTruth.sent.push(entry) - 1;
}

/** The firmware got so many bytes of a transmission, or, with -1, of something else; true when that makes a frame whole. */
export function noteRead(
	groundTruth: GroundTruth,
	tag: number,
	count: number,
	bootEpoch: number,
	now: number,
	line = 0,
): boolean {
	const before = groundTruth.lastTags[line] ?? -1;
	groundTruth.lastTags[line] = tag;
	if (tag < 0) return false;
	const sent = groundTruth.sent[tag]!;
	if (sent.bootEpoch >= 0 && (sent.bootEpoch !== bootEpoch || tag !== before)) {
		// Another boot had its beginning, or something came between its bytes.
		sent.read = -Infinity;
		return false;
	}
	sent.bootEpoch = bootEpoch;
	sent.read += count;
	if (sent.read !== sent.length) return false;
	sent.receivedAt = now;
	if (!sent.readable) {
		groundTruth.readableStreak = 0;
		groundTruth.unreadableStreak += 1;
		return true;
	}
	groundTruth.readableStreak += 1;
	groundTruth.unreadableStreak = 0;
	groundTruth.lastReadableAt = now;
	groundTruth.received += 1;
	groundTruth.pending += 1;
	groundTruth.maxQueue = Math.max(groundTruth.maxQueue, groundTruth.pending);
	return true;
}

export function findSent(groundTruth: GroundTruth, serial: string, time: number): Sent | null {
	return groundTruth.byName.get(nameReading(serial, time)) ?? null;
}

export function noteDelivered(groundTruth: GroundTruth, sent: Sent): void {
	sent.deliveries += 1;
	if (sent.deliveries > 1) {
		groundTruth.duplicates += 1;
		return;
	}
	groundTruth.delivered += 1;
	// What memory lost does not wait; that flash had it shows when it comes.
	if (sent.receivedAt > (groundTruth.losses.at(-1) ?? -1)) groundTruth.pending -= 1;
}

/** The device lost its memory. */
export function noteLoss(groundTruth: GroundTruth, now: number): void {
	groundTruth.losses.push(now);
	groundTruth.pending = 0;
	groundTruth.readableStreak = 0;
	groundTruth.unreadableStreak = 0;
}

/** To be called once a second. */
export function noteSecond(groundTruth: GroundTruth, now: number, able: boolean): void {
	if (able) groundTruth.ableSeconds += 1;
	const minutes = Math.floor(now / minute);
	while (groundTruth.able.length <= minutes) groundTruth.able.push(groundTruth.ableSeconds);
}

/** Seconds from one time to another in which the broker could have taken readings, less at most a minute. */
function countAble(groundTruth: GroundTruth, from: number, to: number): number {
	const { able } = groundTruth;
	const first = Math.ceil(from / minute);
	const last = Math.min(Math.floor(to / minute), able.length - 1);
	return last <= first ? 0 : able[last]! - able[first]!;
}

/**
 * The readings that are lost although they had to be kept: at full resolution for an hour, which all meters share, unless the memory was lost; and
 * one of each quarter of an hour for seven days, whatever happened.
 */
export function findLost(groundTruth: GroundTruth): Sent[] {
	const quarters = new Set<string>();
	for (const sent of groundTruth.sent) if (sent.deliveries > 0) quarters.add(nameQuarter(sent));
	return groundTruth.sent.filter(sent => {
		const { readable, receivedAt, deliveries } = sent;
		if (!readable || receivedAt < 0 || deliveries > 0) return false;
		const loss = findLoss(groundTruth, receivedAt);
		if (loss < receivedAt + processing) return false;
		if (countAble(groundTruth, receivedAt, Math.min(loss, receivedAt + groundTruth.kept)) >= enough) return true;
		return !quarters.has(nameQuarter(sent)) && countAble(groundTruth, receivedAt, receivedAt + 7 * 24 * hour) >= enough;
	});
}

function nameQuarter({ serial, time }: Sent): string {
	return nameReading(serial, Math.floor(time / quarter));
}

/** When the memory was lost next. */
function findLoss(groundTruth: GroundTruth, after: number): number {
	const { losses } = groundTruth;
	let low = 0;
	let high = losses.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (losses[middle]! <= after) low = middle + 1;
		else high = middle;
	}
	return losses[low] ?? Infinity;
}
