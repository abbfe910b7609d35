/** The power that flows, with a sign. */
import { registerIndex } from "../p1/obis.js";
import type { Readings } from "../p1/readings.js";

const importPlace = registerIndex("active_power_import");
const exportPlace = registerIndex("active_power_export");

/** W: import less export, both of which a meter may show at once; null where the telegram has neither. */
export function signedPower({ values }: Readings): number | null {
	const bought = values[importPlace] ?? null;
	const sold = values[exportPlace] ?? null;
	return bought === null && sold === null ? null : (bought ?? 0) - (sold ?? 0);
}
