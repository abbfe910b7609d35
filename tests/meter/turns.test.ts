/** Turns of meters on one line, against simulated meters of both kinds, by the tables of the P1 specification's timing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advanceTurns, createTurns, type Heard, noteEmptied, type Turns } from "../../modules/meter/turns.js";

type Kind = "prompt" | "beat" | "silent" | "refused";

/** A meter on a virtual millisecond clock: when it sends, and for how long. */
interface Meter {
	kind: Kind;
	/** A prompt one answers after so long; one with a beat sends at so many milliseconds into each ten seconds. */
	delay: number;
	/** Milliseconds that a frame takes on the line. */
	length: number;
}

interface Course {
	telegrams: number[][];
	asks: { at: number; time: number }[];
	cut: number;
}

/** Lives through `duration` milliseconds, one at a time. */
function live(meters: readonly Meter[], duration: number): Course {
	const turns: Turns = createTurns(meters.length, 0);
	const course: Course = { telegrams: meters.map(() => []), asks: [], cut: 0 };
	let requested = -1;
	let requestedSince = 0;
	let sendingUntil = -1;
	let heard: Heard = { hasTelegram: false, hasRefused: false, lastByte: -Infinity };
	for (let now = 0; now < duration; now += 1) {
		if (requested >= 0) {
			const { kind, delay, length } = meters[requested]!;
			const age = now - requestedSince;
			const begins =
				kind === "beat" ? now % 10_000 === delay : kind !== "silent" && age >= delay && (age - delay) % 10_000 === 0;
			if (begins) sendingUntil = now + length;
			if (sendingUntil >= now) heard.lastByte = now;
			if (sendingUntil === now) {
				sendingUntil = -1;
				if (kind === "refused") heard.hasRefused = true;
				else {
					heard.hasTelegram = true;
					course.telegrams[requested]!.push(now);
				}
			}
		}
		// As the firmware does: it looks at the deadline, and when something came.
		if (now < turns.deadline && !heard.hasTelegram && !heard.hasRefused) continue;
		for (let action = advanceTurns(turns, heard, now); action !== "none"; action = advanceTurns(turns, heard, now)) {
			if (action === "ask") {
				expect(requested).toBe(-1);
				requested = turns.asked;
				requestedSince = now;
				heard = { hasTelegram: false, hasRefused: false, lastByte: -Infinity };
				course.asks.push({ at: requested, time: now });
			} else if (action === "release") {
				expect(requested).toBe(turns.asked);
				if (sendingUntil >= 0) course.cut += 1;
				requested = -1;
				sendingUntil = -1;
			} else {
				expect(requested).toBe(turns.phase === "emptying" ? -1 : turns.asked);
				noteEmptied(turns, now);
			}
		}
	}
	return course;
}

function gaps(times: readonly number[]): number[] {
	return times.slice(1).map((time, at) => time - times[at]!);
}

const prompt = (delay = 700): Meter => ({ kind: "prompt", delay, length: 132 });
const beat = (delay: number): Meter => ({ kind: "beat", delay, length: 132 });
const minute = 60_000;

describe.each([2, 3, 6])("%i meters that answer within a second", count => {
	const { telegrams, cut } = live(
		Array.from({ length: count }, (_, at) => prompt(300 + 100 * at)),
		10 * minute,
	);

	test("have a telegram each ten seconds, as if each were alone", () => {
		for (const times of telegrams) {
			expect(Math.max(...gaps(times))).toBeLessThanOrEqual(11_500);
			expect(Math.min(...gaps(times))).toBeGreaterThanOrEqual(9_000);
		}
		expect(cut).toBe(0);
	});
});

test.each([
	[2, 10_000, 22_000],
	[3, 10_000, 33_000],
	[6, 10_000, 66_000],
])("%i meters that keep their own beat: each is heard, at most a round apart", (count, least, most) => {
	const meters = Array.from({ length: count }, (_, at) => beat(Math.floor((at * 10_000) / count)));
	const { telegrams } = live(meters, 20 * minute);
	for (const times of telegrams) {
		expect(Math.max(...gaps(times))).toBeLessThanOrEqual(most);
		expect(Math.min(...gaps(times))).toBeGreaterThanOrEqual(least);
	}
});

test("a silent meter has two turns of eleven seconds, then one a minute; the others go on", () => {
	const { telegrams, asks } = live([prompt(), { kind: "silent", delay: 0, length: 0 }, prompt()], 10 * minute);
	const tries = asks.filter(({ at }) => at === 1).map(({ time }) => time);
	expect(tries[1]! - tries[0]!).toBeLessThan(15_000);
	for (const gap of gaps(tries.slice(1))) {
		expect(gap).toBeGreaterThanOrEqual(71_000);
		expect(gap).toBeLessThanOrEqual(73_000);
	}
	for (const at of [0, 2]) expect(Math.max(...gaps(telegrams[at]!))).toBeLessThanOrEqual(23_000);
});

test("a meter that is silent from the beginning on is heard within a minute and a round once it sends", () => {
	const late: Meter = { kind: "silent", delay: 500, length: 132 };
	const meters = [prompt(), late];
	const turns = live(meters, 5 * minute);
	expect(turns.telegrams[1]).toEqual([]);
	// As one that keeps a beat and is asked once a minute.
	expect(live([prompt(), beat(9_000)], 5 * minute).telegrams[1]!.length).toBeGreaterThan(20);
});

test("a meter whose frames are refused costs one frame's time, not eleven seconds", () => {
	const { telegrams, asks } = live([prompt(), { kind: "refused", delay: 500, length: 132 }], 5 * minute);
	expect(Math.max(...gaps(telegrams[0]!))).toBeLessThanOrEqual(11_500);
	expect(Math.max(...gaps(asks.filter(({ at }) => at === 1).map(({ time }) => time)))).toBeLessThanOrEqual(12_000);
});

test("a frame that begins in the eleventh second is waited for, and not for ever", () => {
	const long: Meter = { kind: "prompt", delay: 10_500, length: 1_400 };
	const { telegrams, cut } = live([long, prompt()], 5 * minute);
	expect(telegrams[0]!.length).toBeGreaterThan(5);
	expect(cut).toBe(0);
	const endless: Meter = { kind: "prompt", delay: 100, length: 1_000_000 };
	const other = live([endless, prompt()], 10 * minute);
	expect(other.telegrams[1]!.length).toBeGreaterThan(40);
});

test("whatever the meters are, never two are asked, each has its turns, and the line rests between two of them", () => {
	const kinds = fc.constantFrom<Kind>("prompt", "beat", "silent", "refused");
	const meter = fc.record({ kind: kinds, delay: fc.nat(9_999), length: fc.integer({ min: 50, max: 1_200 }) });
	fc.assert(
		fc.property(fc.array(meter, { minLength: 2, maxLength: 6 }), meters => {
			const { asks, telegrams } = live(meters, 4 * minute);
			for (const gap of gaps(asks.map(({ time }) => time))) expect(gap).toBeGreaterThan(50);
			for (let at = 0; at < meters.length; at += 1) {
				expect(asks.filter(ask => ask.at === at).length).toBeGreaterThanOrEqual(2);
				// Below ten seconds a meter could not send, which the board cannot know.
				if (meters[at]!.kind === "prompt") expect(telegrams[at]!.length).toBeGreaterThanOrEqual(2);
			}
		}),
		{ numRuns: 30 },
	);
});

test("what a busy program finds in the port at the end of a turn is waited for", () => {
	const turns = createTurns(2, 0);
	const heard: Heard = { hasTelegram: false, hasRefused: false, lastByte: -Infinity };
	expect(advanceTurns(turns, heard, 0)).toBe("ask");
	expect(advanceTurns(turns, heard, 11_400)).toBe("empty");
	expect(advanceTurns(turns, heard, 11_400)).toBe("none");
	heard.lastByte = 11_410;
	noteEmptied(turns, 11_410);
	expect(advanceTurns(turns, heard, 11_410)).toBe("none");
	expect(advanceTurns(turns, { ...heard, hasTelegram: true }, 11_500)).toBe("release");
	expect(turns.places[0]!.misses).toBe(0);
	const quiet = createTurns(2, 0);
	advanceTurns(quiet, { ...heard, lastByte: -Infinity }, 0);
	expect(advanceTurns(quiet, { ...heard, lastByte: -Infinity }, 11_000)).toBe("empty");
	noteEmptied(quiet, 11_005);
	expect(advanceTurns(quiet, { ...heard, lastByte: -Infinity }, 11_005)).toBe("release");
});

test("a port that does not answer whether it is empty holds nobody up for longer than a second", () => {
	const turns = createTurns(2, 0);
	const heard: Heard = { hasTelegram: false, hasRefused: false, lastByte: -Infinity };
	expect(advanceTurns(turns, heard, 0)).toBe("ask");
	expect(advanceTurns(turns, { ...heard, hasTelegram: true }, 500)).toBe("release");
	expect(advanceTurns(turns, heard, 549)).toBe("none");
	expect(advanceTurns(turns, heard, 550)).toBe("empty");
	expect(advanceTurns(turns, heard, 1_549)).toBe("none");
	expect(advanceTurns(turns, heard, 1_550)).toBe("ask");
	expect(turns.asked).toBe(1);
});
