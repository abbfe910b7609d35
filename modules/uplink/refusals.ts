/** What a broker does not take, found out by how its connections end. */

/**
 * MQTT 3.1.1 has no word for "not this message": a broker that does not take one closes the connection, and would do so for ever if
 * the same message came first again. So what was under way at that moment is suspected, and after it one message at a time is
 * sent, with its acknowledgement. Who is alone when the connection is closed for the third time in a row is set aside.
 *
 * A broker that keeps no retained messages closes the connection at them, or at a last will that is to be retained.
 */
export interface Refusals {
	readonly suspects: Suspect[];
	readonly aside: SetAside[];
	/** One message at a time, each with its acknowledgement. */
	careful: boolean;
	/** Whether messages are retained where they ask for it. `probing`: they are, and the last will is not. */
	retain: "yes" | "probing" | "no";
	/** It has refused them before: then it is believed at once, and not told again. */
	known: boolean;
	/** A retained message was acknowledged on this connection. */
	retainProven: boolean;
	/** The connection that was made without them stood: the next one asks again, because somebody may have changed the broker. */
	retainAgain: boolean;
	/** A connection without them that has stood for so long asks by the next message; twice as long each time. Milliseconds. */
	retainSpan: number;
	/** The topic that is tried without `retain`, before its message is set aside; null when there is none. */
	doubt: string | null;
	/** Connections in a row that were closed before CONNACK, in points. */
	closedEarly: number;
	/** Messages that were not sent because they are set aside. */
	count: number;
}

/** A message that was written, and of which nothing proves that the broker took it. */
export interface UnderWay {
	topic: string;
	/** Bytes of its payload. */
	length: number;
	/** It was written with `retain`. */
	retained: boolean;
	/** When it was written, monotonic milliseconds. */
	since: number;
}

interface Suspect {
	topic: string;
	count: number;
}

interface SetAside {
	topic: string;
	/** The shortest that closed the connection. */
	length: number;
	/** Until when messages of that length are not sent. */
	until: number;
	/** How long that is; twice as long each time. */
	span: number;
}

const strikes = 3;
/** A connection that ends later than so after the last message was not closed because of it. */
const blameMs = 15_000;
/** So long a connection must stand until several messages go at a time again. */
const trustMs = 60_000;
const firstAsideMs = 3_600_000;
const longestAsideMs = 24 * 3_600_000;
/** Brokers are changed while connections stand, and one that still refuses costs a connection. */
const firstRetainMs = 600_000;
const longestRetainMs = 24 * 3_600_000;
const mostSuspects = 16;
const mostAside = 32;
/** A board cannot tell a closed connection from one that was never made: then it takes more of them to doubt the last will. */
const earlyPoints = 24;
const closedPoints = 8;
const unreachedPoints = 3;

export function createRefusals(): Refusals {
	return {
		suspects: [],
		aside: [],
		careful: false,
		retain: "yes",
		known: false,
		retainProven: false,
		retainAgain: false,
		retainSpan: firstRetainMs,
		doubt: null,
		closedEarly: 0,
		count: 0,
	};
}

/** Whether a message of this topic, with so many bytes, is not to be sent now. */
export function isSetAside({ aside }: Refusals, topic: string, length: number, now: number): boolean {
	return aside.some(entry => entry.topic === topic && length >= entry.length && now < entry.until);
}

/** A connection is about to be made. */
export function noteOpening(refusals: Refusals): void {
	refusals.retainProven = false;
	if (!refusals.retainAgain) return;
	refusals.retainAgain = false;
	refusals.retain = "yes";
}

/** The connection has stood for so long. */
export function noteStanding(refusals: Refusals, duration: number): void {
	refusals.closedEarly = 0;
	if (refusals.retain === "no") {
		refusals.retainAgain = duration < refusals.retainSpan;
		if (!refusals.retainAgain) {
			refusals.retain = "probing";
			refusals.retainSpan = Math.min(2 * refusals.retainSpan, longestRetainMs);
		}
	}
	if (duration >= trustMs) refusals.careful = false;
}

/** The broker closed an accepted connection while these were under way. Returns what a person should read in the log. */
export function noteClosed(refusals: Refusals, underWay: readonly UnderWay[], now: number): string[] {
	const blamed = underWay.filter(({ since }) => now - since <= blameMs);
	if (blamed.length === 0) return [];
	if (refusals.retain === "probing" && blamed.some(({ retained }) => retained)) {
		refusals.retain = "no";
		return tellRetain(refusals);
	}
	refusals.careful = true;
	for (const { topic } of blamed) suspect(refusals, topic);
	return blamed.length === 1 ? judge(refusals, blamed[0]!, now) : [];
}

function suspect({ suspects }: Refusals, topic: string): void {
	const known = suspects.find(other => other.topic === topic);
	if (known !== undefined) known.count += 1;
	else if (suspects.length < mostSuspects) suspects.push({ topic, count: 1 });
}

/** Only this message was under way. */
function judge(refusals: Refusals, message: UnderWay, now: number): string[] {
	const { suspects, aside } = refusals;
	const { topic, length, retained } = message;
	const at = suspects.findIndex(other => other.topic === topic);
	const known = aside.find(entry => entry.topic === topic);
	const count = at < 0 ? 0 : suspects[at]!.count;
	const isTried = retained && refusals.retain === "yes" && !refusals.retainProven && known === undefined;
	if (isTried && (refusals.known || count >= strikes)) {
		refusals.retain = "no";
		refusals.doubt = topic;
		return [];
	}
	if (count === 0 || (count < strikes && known === undefined)) return [];
	if (refusals.doubt === topic) {
		refusals.doubt = null;
		refusals.retain = "yes";
	}
	suspects.splice(at, 1);
	setAside(refusals, topic, length, now);
	return [
		`set aside: ${length} bytes on ${topic}`,
		`broker: closes the connection at that message, ${strikes} times in a row; the others go on`,
	];
}

function setAside({ aside }: Refusals, topic: string, length: number, now: number): void {
	const known = aside.find(entry => entry.topic === topic);
	if (known === undefined) {
		if (aside.length >= mostAside) aside.shift();
		aside.push({ topic, length, until: now + firstAsideMs, span: firstAsideMs });
		return;
	}
	if (now >= known.until) known.span = Math.min(2 * known.span, longestAsideMs);
	known.length = Math.min(known.length, length);
	known.until = now + known.span;
}

/** That the broker takes no retained messages, once. */
function tellRetain(refusals: Refusals): string[] {
	if (refusals.known) return [];
	refusals.known = true;
	return ["broker: refuses retained messages; they are sent without, who subscribes later waits for the next"];
}

/** What an acknowledgement says. */
export interface Proof {
	/** For the log. */
	lines: string[];
	/** The last will must be retained after all, which only a new connection can say. */
	again: boolean;
}

/** The broker acknowledged a message, so that it took all that was written before it, too. */
export function noteTaken(refusals: Refusals, { topic, length, retained }: UnderWay): Proof {
	const { suspects, aside } = refusals;
	const proof: Proof = { lines: [], again: false };
	const at = suspects.findIndex(other => other.topic === topic);
	if (at >= 0) suspects.splice(at, 1);
	const place = aside.findIndex(entry => entry.topic === topic && length >= entry.length);
	if (place >= 0) aside.splice(place, 1);
	if (retained) {
		refusals.retainProven = true;
		refusals.known = false;
		refusals.retainSpan = firstRetainMs;
		proof.again = refusals.retain === "probing";
		if (proof.again) refusals.retain = "yes";
	} else if (refusals.doubt === topic) {
		refusals.doubt = null;
		proof.lines = tellRetain(refusals);
	}
	return proof;
}

/** A connection was closed before CONNACK; `reached`: it is known that it was made. A last will that is to be retained may be why. */
export function noteClosedEarly(refusals: Refusals, reached: boolean): void {
	if (refusals.retain === "probing") {
		refusals.retain = "yes";
		return;
	}
	refusals.closedEarly += reached ? closedPoints : unreachedPoints;
	if (refusals.closedEarly < earlyPoints && !(refusals.known && refusals.retain === "yes")) return;
	refusals.closedEarly = 0;
	if (refusals.retain === "no") refusals.retain = "yes";
	else refusals.retain = refusals.known && reached ? "no" : "probing";
}
