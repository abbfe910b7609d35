/** Tests of `modules/uplink/outbox.ts`. */
import { expect, test } from "vitest";
import { createOutbox, giveBack, offer, type QueuedMessage, settle, take } from "../../modules/uplink/outbox.js";

function createParcel(topic: string, sequence: number | null, expires?: number): QueuedMessage {
	const parcel: QueuedMessage = { topic, payload: `${sequence}`, quality: 1, retain: false, sequence, late: false };
	return expires === undefined ? parcel : { ...parcel, expires };
}

test("what became too late for its topic goes to the backlog, and what waits behind it goes out", () => {
	const given: number[] = [];
	const backlog = { takeLate: () => null, settle: () => {}, giveBack: (sequence: number) => void given.push(sequence) };
	const outbox = createOutbox(8, backlog);
	offer(outbox, createParcel("state", 7, 1_000));
	offer(outbox, createParcel("status", null));
	expect(take(outbox, 999)?.topic).toBe("state");
	giveBack(outbox, createParcel("state", 7, 1_000));
	expect(take(outbox, 1_000)?.topic).toBe("status");
	expect(take(outbox, 1_000)?.topic).toBeUndefined();
	expect(given).toEqual([7]);
	expect(outbox.expired).toBe(1);
});

test("what does not expire waits for as long as it takes", () => {
	const outbox = createOutbox(8, null);
	offer(outbox, createParcel("status", null));
	expect(take(outbox, Number.MAX_SAFE_INTEGER)?.topic).toBe("status");
});

test("announcements go out when nothing else waits, before late readings, and are not given back", () => {
	const topics = ["first", "second"];
	const announcer = {
		takeAnnouncement() {
			const topic = topics.shift();
			return topic === undefined ? null : { topic, payload: "", quality: 1 as const, retain: true };
		},
	};
	const late = createParcel("late", 3);
	const outbox = createOutbox(8, { takeLate: () => late, settle: () => {}, giveBack: () => {} }, announcer);
	offer(outbox, createParcel("state", 7));
	expect(take(outbox, 0)?.topic).toBe("state");
	const first = take(outbox, 0)!;
	expect(first).toMatchObject({ topic: "first", retain: true, sequence: null, late: false });
	giveBack(outbox, first);
	settle(outbox, first);
	expect(outbox.late).toBe(0);
	expect(take(outbox, 0)?.topic).toBe("second");
	expect(take(outbox, 0)).toBe(late);
});
