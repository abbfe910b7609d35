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

export interface TurnFigures {
	/** Seconds from the GPIO's edge until the request that ends is below 1 V, and until the next one is at 4 V. */
	readonly off: number;
	readonly on: number;
	/** Volts that are left of the one that ends when the next one is asked. */
	readonly left: number;
}

/** When the first meter is told to stop. */
const release = 2e-3;
/** A request input that takes next to nothing falls slowest: 100 kΩ, on a cable of 1 nF. */
const idleOhms = 100e3;
const cableFarads = 1e-9;
const offVolts = 1;
const onVolts = 4;

/** One meter is told to stop, and after `rest` seconds another one is asked, each by the GPIO of its own. */
export async function measureTurn(
	netlist: Netlist,
	board: Board,
	from: { jack: string; pin: string },
	to: { jack: string; pin: string },
	rest: number,
): Promise<TurnFigures> {
	const { lines, findNode } = createCircuit(netlist, board, {
		jumper: "switched",
		from: [
			{ part: from.jack, pin: "2" },
			{ part: to.jack, pin: "2" },
		],
	});
	const [ends, begins] = [findNode(from.jack, "2"), findNode(to.jack, "2")];
	const asked = release + rest;
	const stop = asked + 5e-3;
	const deck = [
		...lines,
		`Vfrom ${findNode(board.controller, from.pin)} 0 PULSE(3.3 0 ${release} 1u 1u 1 2)`,
		`Vto ${findNode(board.controller, to.pin)} 0 PULSE(0 3.3 ${asked} 1u 1u 1 2)`,
		`Vfirst ${findNode(from.jack, "1")} 0 ${supplyVolts}`,
		`Vsecond ${findNode(to.jack, "1")} 0 ${supplyVolts}`,
		`Rfirst ${ends} 0 ${idleOhms}`,
		`Cfirst ${ends} 0 ${cableFarads}`,
		`Rsecond ${begins} 0 ${inputOhms}`,
		`Csecond ${begins} 0 ${cableFarads}`,
		`.tran 20u ${stop} 0 20u`,
	];
	const run = await simulate(deck, stop);
	const first = readValues(run, `v(${ends})`);
	const second = readValues(run, `v(${begins})`);
	const find = (values: readonly number[], after: number, isThere: (volts: number) => boolean) => {
		const at = run.time.findIndex((time, index) => time >= after && isThere(values[index] ?? Number.NaN));
		return at < 0 ? Number.POSITIVE_INFINITY : (run.time[at] ?? 0) - after;
	};
	const last = run.time.findIndex(time => time >= asked);
	return {
		off: find(first, release, volts => volts < offVolts),
		on: find(second, asked, volts => volts >= onVolts),
		left: first[last] ?? Number.NaN,
	};
}
