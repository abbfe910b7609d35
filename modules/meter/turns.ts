/** Whose turn it is where several meters share one line: who is asked to send, until when, and who is next. */

/**
 * Only the meter that is asked sends, so that no two do at once. It is asked until one whole telegram came, or for eleven seconds: a meter
 * answers within one (E-Meter P1 Specification 1.1.3, 3.2.1), or keeps a beat of ten of its own. One that is told to stop may stop in the middle of a
 * frame; that tail is not for the next one, so that between two turns the line rests and is read empty.
 */
export interface Turns {
	phase: "asking" | "resting" | "emptying" | "waiting";
	/** Who is asked, or was last. */
	asked: number;
	/** When the phase began. */
	since: number;
	/** When the port was asked, at the end of the turn, for what came meanwhile, or Infinity; and whether it has given it. */
	checkTime: number;
	isChecked: boolean;
	/** When `advanceTurns` must be called again at the latest, monotonic milliseconds. */
	deadline: number;
	readonly places: Place[];
}

interface Place {
	/** When its next turn is due, and when its last one began. */
	due: number;
	asked: number;
	/** Turns in a row in which nothing came. */
	misses: number;
}

/** What came in the turn. */
export interface Heard {
	hasTelegram: boolean;
	/** A whole frame that was not believed: its key is another one, or it was damaged. */
	hasRefused: boolean;
	/** When the last byte came. */
	lastByte: number;
}

/** `ask` and `release` are about `asked`; `empty`: what came in is to be read, and `noteEmptied` called then. */
export type TurnAction = "none" | "ask" | "release" | "empty";

/** One beat, and the second that an answer may take. */
export const answerMs = 11_000;
/** The rest of a frame that has begun by then. */
const frameMs = 2_000;
/** Without a byte for so long, what came was all. */
const quietMs = 200;
/** A meter that was told to stop has stopped, and the next one is not asked yet. */
export const restMs = 50;
/** The answer to `empty` does not come. */
const emptyMs = 1_000;
/** Telegrams of one meter are a beat apart, less the second in which it answers. */
const gapMs = 9_000;
/** A silent meter costs the others eleven seconds each time. */
const silentMs = 60_000;
const mostMisses = 2;

/** `count` meters, all of which are due. */
export function createTurns(count: number, now: number): Turns {
	const places: Place[] = [];
	for (let at = 0; at < count; at += 1) places.push({ due: now, asked: -Infinity, misses: 0 });
	return { phase: "waiting", asked: -1, since: now, checkTime: Infinity, isChecked: false, deadline: now, places };
}

/** How far apart two telegrams of one meter are at most, where every meter keeps a beat of its own. */
export function longestRound(count: number): number {
	return count * answerMs;
}

/** What is to be done now. One action at a time: to be called again until there is none. */
export function advanceTurns(turns: Turns, heard: Heard, now: number): TurnAction {
	switch (turns.phase) {
		case "asking":
			return judgeTurn(turns, heard, now);
		case "resting":
			if (now < wait(turns, restMs)) return "none";
			begin(turns, "emptying", now);
			turns.deadline = now + emptyMs;
			return "empty";
		case "emptying":
			if (now < wait(turns, emptyMs)) return "none";
			begin(turns, "waiting", now);
			return askNext(turns, now);
		default:
			return askNext(turns, now);
	}
}

/** The port has handed over all that had come in. */
export function noteEmptied(turns: Turns, now: number): void {
	if (turns.phase === "emptying") begin(turns, "waiting", now);
	else if (turns.phase === "asking" && turns.checkTime <= now) {
		turns.isChecked = true;
		turns.deadline = now;
	}
}

function wait(turns: Turns, duration: number): number {
	turns.deadline = turns.since + duration;
	return turns.deadline;
}

function begin(turns: Turns, phase: Turns["phase"], now: number): void {
	turns.phase = phase;
	turns.since = now;
	turns.deadline = now;
}

function judgeTurn(turns: Turns, { hasTelegram, hasRefused, lastByte }: Heard, now: number): TurnAction {
	const place = turns.places[turns.asked];
	const isQuiet = now - lastByte >= quietMs;
	if (hasTelegram || (hasRefused && isQuiet)) {
		place.misses = 0;
		place.due = now + gapMs;
	} else {
		const end = wait(turns, isQuiet ? answerMs : answerMs + frameMs);
		if (now < end) {
			if (hasRefused) turns.deadline = Math.min(end, lastByte + quietMs);
			else if (now < turns.since + answerMs) turns.deadline = turns.since + answerMs;
			return "none";
		}
		// A program that was busy may find a whole frame in the port.
		if (!turns.isChecked && now < turns.checkTime + emptyMs) {
			const isAsked = turns.checkTime <= now;
			if (!isAsked) turns.checkTime = now;
			turns.deadline = turns.checkTime + emptyMs;
			return isAsked ? "none" : "empty";
		}
		place.misses += 1;
		place.due = place.misses >= mostMisses ? now + silentMs : now;
	}
	begin(turns, "resting", now);
	turns.deadline = now + restMs;
	return "release";
}

/** Who is due for longest; of those, who was asked longest ago. */
function askNext(turns: Turns, now: number): TurnAction {
	let next = -1;
	turns.deadline = Infinity;
	for (let at = 0; at < turns.places.length; at += 1) {
		const { due, asked } = turns.places[at];
		turns.deadline = Math.min(turns.deadline, due);
		if (due > now) continue;
		const best = next < 0 ? null : turns.places[next];
		if (best === null || due < best.due || (due === best.due && asked < best.asked)) next = at;
	}
	if (next < 0) return "none";
	turns.asked = next;
	turns.places[next].asked = now;
	turns.checkTime = Infinity;
	turns.isChecked = false;
	begin(turns, "asking", now);
	turns.deadline = now + answerMs;
	return "ask";
}
