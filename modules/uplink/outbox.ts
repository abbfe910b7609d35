/** Messages on their way to the broker. */
import type { Announcer, Message, Payload } from "../messages/chunks.js";

/**
 * Messages on their way to the broker. For each topic only the newest message waits; what it replaces is gone from here. A
 * reading that was replaced or never acknowledged is not lost: the backlog, which knows it by its sequence, delivers it later.
 */
export interface QueuedMessage extends Message<Payload> {
	/** The reading that is settled when this message is acknowledged; null for everything else. */
	sequence: number | null;
	/** True for a message out of the backlog, which gets it back when it was not delivered. */
	late: boolean;
	/** True for one of the announcer's, which makes it anew for the next connection. */
	announced?: true;
	/** From when on it is too late for its topic, monotonic milliseconds: then the backlog has it. */
	expires?: number;
}

/** Where late readings come from, oldest first. */
export interface Backlog {
	/** The next reading that is not delivered and not under way, now under way; null when there is none. */
	takeLate(): QueuedMessage | null;
	/** The reading came to the broker. */
	settle(sequence: number): void;
	/** The reading is not under way any more. */
	giveBack(sequence: number): void;
}

export interface Outbox {
	/** One per topic, in the order in which they go out. */
	readonly waiting: QueuedMessage[];
	/** Most topics at a time: grows with the meters. Bounds the memory when somebody's mistake makes topics without end. */
	capacity: number;
	readonly backlog: Backlog | null;
	readonly announcer: Announcer | null;
	/** Messages that were replaced before they went out, and messages refused because there were too many topics. */
	replaced: number;
	refused: number;
	/** Memory is short: late readings and announcements wait where they are. */
	isHeld: boolean;
	/** Late readings that came to the broker, and messages that became too late for their topic. */
	late: number;
	expired: number;
}

export function createOutbox(capacity: number, backlog: Backlog | null, announcer: Announcer | null = null): Outbox {
	return { waiting: [], capacity, backlog, announcer, isHeld: false, replaced: 0, refused: 0, late: 0, expired: 0 };
}

/** Puts a message in the place of the one that waits for the same topic, or behind all others. */
export function offer(outbox: Outbox, message: QueuedMessage): void {
	const waiting = outbox.waiting;
	for (let at = 0; at < waiting.length; at++) {
		const other = waiting[at]!;
		if (other.topic === message.topic) {
			if (other.sequence !== null) outbox.backlog?.giveBack(other.sequence);
			waiting[at] = message;
			outbox.replaced++;
			return;
		}
	}
	if (waiting.length >= outbox.capacity) {
		if (message.sequence !== null) outbox.backlog?.giveBack(message.sequence);
		outbox.refused++;
		return;
	}
	waiting.push(message);
}

/** The next message to send, which then is under way, or null. Values come when nothing else waits, then announcements, then late readings. `now`: monotonic milliseconds. */
export function take(outbox: Outbox, now: number): QueuedMessage | null {
	const { waiting, backlog } = outbox;
	for (;;) {
		const message = waiting.shift();
		if (message === undefined) {
			const value = outbox.announcer?.takeValue?.() ?? null;
			if (value !== null) return { ...value, sequence: null, late: false };
			return outbox.isHeld ? null : (takeAnnounced(outbox) ?? backlog?.takeLate() ?? null);
		}
		if (message.expires === undefined || now < message.expires) return message;
		outbox.expired++;
		if (message.sequence !== null) backlog?.giveBack(message.sequence);
	}
}

function takeAnnounced({ announcer }: Outbox): QueuedMessage | null {
	const message = announcer?.takeAnnouncement() ?? null;
	return message === null ? null : { ...message, sequence: null, late: false, announced: true };
}

/** The message came to the broker. */
export function settle(outbox: Outbox, message: QueuedMessage): void {
	if (message.late) outbox.late++;
	if (message.sequence !== null) outbox.backlog?.settle(message.sequence);
}

/** The broker does not take the message: what is a reading of now comes late, and shorter; what is late already, never. */
export function setAside(outbox: Outbox, message: QueuedMessage): void {
	if (message.sequence === null) return;
	if (message.late) outbox.backlog?.settle(message.sequence);
	else outbox.backlog?.giveBack(message.sequence);
}

/** The connection ended under the message: it waits again, unless a newer one for its topic is there. */
export function giveBack(outbox: Outbox, message: QueuedMessage): void {
	if (message.announced) return;
	if (message.late) {
		if (message.sequence !== null) outbox.backlog?.giveBack(message.sequence);
		return;
	}
	// Its texts were dropped when they were written (`delivery.ts`).
	if (message.sequence !== null && message.payload === "") {
		outbox.expired++;
		outbox.backlog?.giveBack(message.sequence);
		return;
	}
	const waiting = outbox.waiting;
	for (let at = 0; at < waiting.length; at++) {
		if (waiting[at]!.topic === message.topic) {
			if (message.sequence !== null) outbox.backlog?.giveBack(message.sequence);
			return;
		}
	}
	waiting.push(message);
}

/** Gives up what waits, and tells how many messages: readings come late, of all else there will be something newer. */
export function giveUpWaiting({ waiting, backlog }: Outbox): number {
	const count = waiting.length;
	for (const { sequence } of waiting) if (sequence !== null) backlog?.giveBack(sequence);
	waiting.length = 0;
	return count;
}
