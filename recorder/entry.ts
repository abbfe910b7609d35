/** What is kept of a message: a reading, a month's power class account, or how a reader fares. */

/** How a telegram was verified, best first. */
export const verdicts = ["authenticated", "crc-only", "plain"] as const;
export type Verdict = (typeof verdicts)[number];

/** One telegram of one meter. `meter` and `time` are its key: whatever way it comes, and however often, it is one reading. */
export interface Reading {
	readonly kind: "reading";
	/** As in the topic. */
	readonly meter: string;
	/** The meter's clock, UTC in seconds. */
	readonly time: number;
	readonly verdict: Verdict;
	/** Whose clock it is: `local` and `reader` are not certain (docs/topics.md). */
	readonly clock: "meter" | "local" | "reader";
	/** The registers' names, in the order of the message; of a meter on the M-Bus `gas/FLO189900060355/value`. */
	readonly names: readonly string[];
	/** One integer for each: thousandths of the register's unit, counts as they are, moments in seconds. */
	readonly numbers: readonly number[];
	readonly texts: Texts;
}

/** What a meter says of itself. */
export interface Texts {
	readonly identification: string | null;
	readonly version: string | null;
}

/** A power class account as a reader counts it (docs/topics.md): the last one of a month is that month's. */
export interface Account {
	readonly kind: "account";
	readonly meter: string;
	/** UTC in seconds. */
	readonly time: number;
	/** The message as it came. */
	readonly text: string;
	/** W. */
	readonly limit: number;
	/** Quarter hours of the month that this reader has not seen whole. */
	readonly missing: number;
	/** Wh above the class; null cost where no price is set. */
	readonly exceeded: number;
	readonly cost: number | null;
	/** W; null before the first quarter hour. */
	readonly peak: number | null;
	readonly peakTime: number | null;
}

/** The newest message of a reader about itself. */
export interface Diagnostics {
	readonly kind: "diagnostics";
	/** As in the topic. */
	readonly reader: string;
	/** When the recorder got it, UTC in seconds: the message has no time. */
	readonly time: number;
	readonly text: string;
	/** Numbers of it that are worth a graph. */
	readonly numbers: readonly (readonly [name: string, value: number])[];
}

export type Entry = Reading | Account | Diagnostics;

/** Why a message was dropped. The list is closed; docs/recorder.md has it. */
export const faults = ["topic", "length", "json", "time", "number", "register"] as const;
export type Fault = (typeof faults)[number];
