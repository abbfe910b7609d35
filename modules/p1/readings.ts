import type { Unit } from "./obis.js";

/** What one telegram says. Numbers are integers; see `obis.ts` for their scale. */
export interface Readings {
	/** The identification line without its slash: `Lux5\253663629_D`. The same for many meters. */
	identification: string;
	/** P1 version, `42` in Luxembourg. */
	version: string | null;
	/** The meter's clock, UTC in milliseconds. */
	time: number | null;
	/** Logical device name, `SAG1030700114004`: the meter's serial number. */
	serial: string | null;
	/** One entry per entry of `registers`; null where the telegram has none. */
	values: (number | null)[];
	/** Text messages to the customer: 0-0:96.13.0, then 0-0:96.13.2 to .5; null where empty. */
	messages: (string | null)[];
	/** Meters on the M-Bus, in the order of their channels. Empty channels are left out. */
	devices: MbusDevice[];
	/** Objects that no table knows, as printed. */
	objects: RawObject[];
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

/** The gas meter: of several the one whose index was captured last. */
export function findGas(readings: Readings): MbusDevice | null {
	let found: MbusDevice | null = null;
	for (const device of readings.devices) {
		if (device.type !== "gas" || device.value === null) continue;
		if (found === null || (device.time ?? 0) > (found.time ?? 0)) found = device;
	}
	return found;
}
