import { formatValue } from "../messages/json.js";
import { registers } from "./obis.js";
import type { MbusDevice, Readings } from "./readings.js";

/** Where the register with this name stands in `registers`; throws on a name that is none, which is our mistake. */
export function registerIndex(name: string): number {
	const at = registers.findIndex(register => register.name === name);
	if (at < 0) throw new Error(`no register is called ${name}`);
	return at;
}

/** The register's value in the meter's unit, or null. */
export function formatRegister(readings: Readings, at: number): string | null {
	const value = readings.values[at];
	return value === null || value === undefined ? null : formatValue(value, registers[at].unit);
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
