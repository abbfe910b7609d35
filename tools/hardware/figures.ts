/** All simulated figures. */

import type { Board } from "./boards.js";
import { dataBenches } from "./data-figures.js";
import type { Bench, Figure } from "./figure.js";
import type { Netlist } from "./netlist.js";
import { lightBenches, requestBenches } from "./signal-figures.js";
import { faultBenches, supplyBenches } from "./supply-figures.js";

export const allBenches: readonly Bench[] = [
	...dataBenches,
	...supplyBenches,
	...requestBenches,
	...lightBenches,
	...faultBenches,
];

/** Runs benches one after the other. Cost: about half a second each. */
export async function computeFigures(
	netlist: Netlist,
	boards: readonly Board[],
	benches: readonly Bench[] = allBenches,
): Promise<Figure[]> {
	const figures: Figure[] = [];
	for (const bench of benches) figures.push(await bench(netlist, boards));
	return figures;
}
