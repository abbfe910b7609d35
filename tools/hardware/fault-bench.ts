/** Simulates a crossed cable and a computer that feeds the board. */

import type { Board } from "./boards.js";
import { createCircuit } from "./circuit.js";
import type { Netlist } from "./netlist.js";
import { readValues, simulate } from "./spice.js";

export interface MishapFigures {
	/** Current in amperes that the meter gives or takes. */
	readonly current: number;
	/** Volts at the 5 V pin of the board. */
	readonly supply: number;
}

/** What an unpowered ESP32 is for a current from its ground: clamping diodes to the receive pin and to 3.3 V. */
function describeUnpowered(logic: string, receive: string): string[] {
	return [
		".model DCLAMP D(IS=1e-12 RS=5)",
		`Dlogic 0 ${logic} DCLAMP`,
		`Dpin 0 ${receive} DCLAMP`,
		`Rlogic ${logic} 0 10k`,
	];
}

function createBench(netlist: Netlist, board: Board, jack: string) {
	const from = [
		{ part: jack, pin: "5" },
		{ part: jack, pin: "2" },
	];
	const { lines, findNode } = createCircuit(netlist, board, { from, supplies: true });
	return {
		lines: [...lines, `Rboard ${findNode(board.controller, "USB")} 0 10k`],
		jack: (pin: string) => findNode(jack, pin),
		supply: findNode(board.controller, "USB"),
		logic: findNode(board.controller, "3V"),
		receive: findNode(board.controller, board.receivePins[0] ?? ""),
	};
}

function readFigures(values: (name: string) => readonly number[], supply: string): MishapFigures {
	return { current: Math.abs(values("i(vmeter)")[0] ?? Number.NaN), supply: values(`v(${supply})`)[0] ?? Number.NaN };
}

/**
 * A crossed cable: 1 to 6, 2 to 5, 3 to 4. The ground of the adapter is then at the meter's 5 V. Assumed: the meter's request input is
 * 400 Ω to its ground, its grounds are joined, its transistor is on.
 */
export async function plugCrossed(netlist: Netlist, board: Board, jack: string): Promise<MishapFigures> {
	const bench = createBench(netlist, board, jack);
	const deck = [
		...bench.lines,
		...describeUnpowered(bench.logic, bench.receive),
		"Vmeter 0 negative 5.5",
		`Rground negative ${bench.jack("1")} 0.01`,
		`Rrequest ${bench.jack("5")} negative 400`,
		`Rdata ${bench.jack("2")} negative 40`,
	];
	const run = await simulate(deck, null);
	return readFigures(name => readValues(run, name), bench.supply);
}

/** A computer feeds the board while the jack is on a meter without power. */
export async function feedBackwards(netlist: Netlist, board: Board, jack: string): Promise<MishapFigures> {
	const bench = createBench(netlist, board, jack);
	const deck = [
		...bench.lines,
		`Vcomputer ${bench.supply} 0 5.25`,
		`Vlogic ${bench.logic} 0 3.3`,
		`Vmeter ${bench.jack("1")} 0 0`,
		`Rrequest ${bench.jack("2")} 0 400`,
		`Rdata ${bench.jack("5")} 0 1meg`,
	];
	const run = await simulate(deck, null);
	return readFigures(name => readValues(run, name), bench.supply);
}
