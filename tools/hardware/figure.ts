/** What a simulated figure is. */

import type { Board } from "./boards.js";
import type { Netlist } from "./netlist.js";

/** One simulated fact: what was run, what came out, what it must be. */
export interface Figure {
	readonly group: string;
	readonly what: string;
	readonly result: string;
	readonly limit: string;
	readonly passed: boolean;
}

/** Runs one simulation and judges it. */
export type Bench = (netlist: Netlist, boards: readonly Board[]) => Promise<Figure>;

/** @throws Error for an unknown name. */
export function findBoard(boards: readonly Board[], name: string): Board {
	const board = boards.find(item => item.name === name);
	if (board === undefined) throw new Error(`no board "${name}"`);
	return board;
}
