/** The latest telegram of a meter, as the servers show it. */
import type { Faults } from "../p1/faults.js";
import type { Counters, Verdict } from "../p1/reader.js";
import type { Readings } from "../p1/readings.js";
import type { Account } from "./account.js";

/**
 * What the web pages show: the last telegram and how the reader fares. With the next telegram the properties are replaced; the
 * readings and the bytes themselves never change, so that who still writes them out has one telegram and not half of each.
 */
export interface Latest {
	/** The last telegram's readings, null before the first. */
	readings: Readings | null;
	/** The meter's name in topics, null before the first telegram. */
	meter: string | null;
	/** What vouches for the telegram. */
	verdict: Verdict;
	/** It has no good tag, although the meter's telegrams had one before. */
	isUnproven: boolean;
	frameCounter: number | null;
	/** The telegram in clear with its CRC. Bytes, because a text of them is made only when somebody asks. */
	telegram: Uint8Array;
	/** When the telegram came, monotonic milliseconds. */
	time: number;
	/** Of the line on which it was heard last; meters of one line have them in common. */
	faults: Faults;
	counters: Counters;
	/** The power class account, or null where there is none. */
	readonly account: Account | null;
	/** An older telegram says nothing about now, milliseconds. */
	readonly staleMs: number;
}

/** What may have changed since the last request. */
export interface Surroundings {
	/** Monotonic milliseconds, which is the time since the boot. */
	now: number;
	/** The name of the WiFi network, empty without one. */
	network: string;
	/** dBm, or null. */
	signalStrength: number | null;
	/** Twelve hexadecimal digits that are this reader's own. */
	macAddress: string;
	/** `smarty-xs 0.1.0` */
	version: string;
	counters: readonly CounterValues[];
	/** How LoRa fares; absent where it is off. */
	lora?: readonly LoraFigure[];
}

/** A metric family with one sample. */
export type LoraFigure = readonly [kind: "gauge" | "counter", word: string, unit: string, help: string, value: number];

/** A counter of pulses as it may be told. */
export interface CounterValues {
	readonly name: string;
	/** Since ever: pulses, and whole Wh. */
	readonly count: number;
	readonly energy: number;
	/** W, or null where it cannot be told. */
	readonly power: number | null;
}

/** A telegram that is older says nothing about now. A smarty sends every ten seconds. */
export const staleMs = 60_000;

/** `interval`: milliseconds from one telegram to the next, if that is longer. */
export function createLatest(faults: Faults, counters: Counters, account: Account | null, interval = 0): Latest {
	const telegram = new Uint8Array(0);
	return {
		readings: null,
		meter: null,
		verdict: "plain",
		isUnproven: false,
		frameCounter: null,
		telegram,
		time: 0,
		faults,
		counters,
		account,
		staleMs: Math.max(staleMs, 2 * interval),
	};
}

/** The readings as long as they are of now, else null. */
export function freshReadings(snapshot: Latest, now: number): Readings | null {
	return now - snapshot.time < snapshot.staleMs ? snapshot.readings : null;
}
