/** What a telegram says, as numbers and texts. */
import { type Unit, usualCount } from "./obis.js";

/** What one telegram says. Numbers are integers; see `obis.ts` for their scale. */
export interface Readings {
	/** The identification line without its slash: `Lux5\253663629_D`. The same for many meters. */
	identification: string;
	/** P1 version, `42` in Luxembourg. */
	version: string | null;
	/** The meter's clock, UTC in milliseconds. */
	time: number | null;
	/** Where `time` comes from. */
	clock: ClockSource;
	/** Logical device name, `SAG1030700114004`: the meter's serial number. */
	serial: string | null;
	/** Equipment identifier, 0-0:96.1.1 or 0-0:96.1.0: what meters outside of Luxembourg are known by. */
	equipment: string | null;
	/** One entry for each of the usual registers, Luxembourg's; null where the telegram has none. */
	values: (number | null)[];
	/** The other registers that the telegram has, in the order of `registers`: few meters send any, and none sends all. */
	others: OtherValue[];
	/** Text messages to the customer: 0-0:96.13.0, then 0-0:96.13.2 to .5; null where empty. */
	messages: (string | null)[];
	/** Meters on the M-Bus, in the order of their channels. Empty channels are left out. */
	devices: MbusDevice[];
	/** The log of long power failures, 1-0:99.97.0. */
	failures: PowerFailure[];
	/** Objects that no table knows, and values of known ones that could not be read, as printed: the first ones (`telegram.ts`). */
	objects: RawObject[];
	/** Indices on the M-Bus that were left out: 0, captured never. */
	unread: number;
	/** Whether anything was measured that a table knows: a telegram may be whole, and yet of a kind that nothing here understands. */
	understood: boolean;
}

/**
 * - `meter`: the meter's clock told its distance from UTC, as the season letter does
 * - `local`: the meter's clock told none, and the time is that of Luxembourg, Central Europe's
 * - `reader`: the telegram has no time that can be read. `time` is null until the reader's own clock is put there
 */
export type ClockSource = "meter" | "local" | "reader";

export interface OtherValue {
	/** Place in `registers`. */
	at: number;
	value: number;
}

export interface PowerFailure {
	/** When the power came back, UTC in milliseconds; null where the meter's clock was not set. */
	time: number | null;
	/** Seconds. */
	duration: number;
}

export interface MbusDevice {
	/** `gas`, `water`, `heat`…: the device type 0-n:24.1.0 in words; `other` where the type is unknown. */
	type: string;
	/** Equipment identifier in clear, or null. Type and identifier name the device; the channel may change. */
	id: string | null;
	/** M-Bus channel, 1 to 4. */
	channel: number;
	/** Last index in thousandths of the unit; null if it was never read. */
	value: number | null;
	unit: Unit;
	/** When the index was captured, UTC in milliseconds. */
	time: number | null;
	/** Valve position, 0-n:24.4.0, or null. */
	valve: number | null;
}

export interface RawObject {
	/** Reduced OBIS code. */
	code: string;
	/** The rest of the line, brackets included. */
	value: string;
}

/** Readings with nothing in them. */
export function createReadings(identification: string): Readings {
	return {
		identification,
		version: null,
		time: null,
		clock: "reader",
		serial: null,
		equipment: null,
		values: new Array<number | null>(usualCount).fill(null),
		others: [],
		messages: [null, null, null, null, null],
		devices: [],
		failures: [],
		objects: [],
		unread: 0,
		understood: false,
	};
}

/** The value of the register at this place of `registers`, or null. */
export function readingAt({ values, others }: Readings, at: number): number | null {
	if (at < values.length) return values[at];
	for (let index = 0; index < others.length; index += 1) {
		if (others[index].at === at) return others[index].value;
	}
	return null;
}

/** Whether anything was measured that a table knows. */
export function isUnderstood({ values, others, devices }: Readings): boolean {
	for (let at = 0; at < values.length; at += 1) if (values[at] !== null) return true;
	return others.length > 0 || devices.some(({ value }) => value !== null);
}
