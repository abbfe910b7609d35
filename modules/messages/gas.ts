/** The gas meter of the layouts that have room for one, in m³. */
import type { MbusDevice, Readings } from "../p1/readings.js";

/**
 * The gas meter with an index in m³: of several the one whose index was captured last. These layouts name the unit themselves, so
 * that an index in kWh, or of no known unit, would be shown as what it is not.
 */
export function findGasVolume({ devices }: Readings): (MbusDevice & { value: number }) | null {
	let found: (MbusDevice & { value: number }) | null = null;
	for (const device of devices) {
		const { type, value, unit, time } = device;
		if (type !== "gas" || value === null || unit !== "m³") continue;
		if (found === null || (time ?? 0) > (found.time ?? 0)) found = { ...device, value };
	}
	return found;
}
