/** Simulates the request line. */

import type { Board } from "./boards.js";
import { createCircuit } from "./circuit.js";
import type { Netlist } from "./netlist.js";
import { readValues, simulate } from "./spice.js";

export interface RequestBench {
	readonly jack: string;
	/** "always": jumper 1-2. "switched": jumper 2-3 or no jumper at all, and a GPIO asks. */
	readonly jumper: "always" | "switched";
	/** Names of the GPIOs that are high. */
	readonly high: readonly string[];
	/** Names of the GPIOs that are low. A GPIO in neither list is open, as during the start of the ESP32. */
	readonly low: readonly string[];
}

export interface RequestFigures {
	/** Volts at pin 2 of the jack with the largest load the standard allows, 10 mA at 4 V. */
	readonly volts: number;
	/** Current in amperes out of pin 2 into that load. */
	readonly current: number;
}

/** A meter at the lower end of its supply, 4.9 V, whose request input takes 10 mA at 4 V. */
const supplyVolts = 4.9;
const inputOhms = 400;

/** The operating point of the request line. */
export async function measureRequest(netlist: Netlist, board: Board, bench: RequestBench): Promise<RequestFigures> {
	const pins = [...bench.high, ...bench.low];
	const { lines, findNode } = createCircuit(netlist, board, {
		jumper: bench.jumper,
		from: [{ part: bench.jack, pin: "2" }],
	});
	const request = findNode(bench.jack, "2");
	const levels = pins.map(pin => {
		const volts = bench.high.includes(pin) ? 3.3 : 0;
		return `Vpin${pin} ${findNode(board.controller, pin)} 0 ${volts}`;
	});
	const deck = [
		...lines,
		...levels,
		`Vsupply ${findNode(bench.jack, "1")} 0 ${supplyVolts}`,
		`Rinput ${request} 0 ${inputOhms}`,
	];
	const run = await simulate(deck, null);
	const volts = readValues(run, `v(${request})`)[0] ?? Number.NaN;
	return { volts, current: volts / inputOhms };
}
