/** Simulates the data line. */

import type { Board } from "./boards.js";
import { createCircuit } from "./circuit.js";
import type { Netlist } from "./netlist.js";
import { describeTransmission, type LineQuality, measureLine, transmissionSeconds } from "./serial.js";
import { findRange, simulate } from "./spice.js";

/** One meter that sends, or that only hangs on the line. */
export interface Sender {
	readonly jack: string;
	readonly sends: boolean;
	/** How many bits later than the first meter it sends; 0 unless given. */
	readonly late?: number;
}

export interface DataBench {
	readonly senders: readonly Sender[];
	/** Capacitance at each jack in farads: cable, protection diodes, the meter. */
	readonly lineCapacitance: number;
	/** Voltage in volts that the meter's transistor leaves at no current; 40 Ω are in series. */
	readonly lowVoltage?: number;
	/** True when SPACE is low at the GPIO. */
	readonly inverted?: boolean;
}

export interface DataFigures {
	readonly typical: LineQuality;
	readonly strict: LineQuality;
	/** Lowest and highest level at the GPIO in volts. */
	readonly low: number;
	readonly high: number;
	/** Current in amperes into the first meter's transistor while the line rests low. */
	readonly meterCurrent: number;
}

/** Dark current of a meter's transistor that is off, in amperes: the limit of ordinary optocouplers. */
const darkCurrent = 100e-6;

/**
 * Sends the test bytes over the drawn data line. Assumed: the transistor of a meter is a switch of 40 Ω (0.2 V at 5 mA,
 * the typical value of DSMR P1 5.0.2 chapter 5.8), the GPIO has 15 pF.
 */
export async function runDataBench(netlist: Netlist, board: Board, bench: DataBench): Promise<DataFigures> {
	const { lines, findNode } = createCircuit(netlist, board, {
		from: bench.senders.map(({ jack }) => ({ part: jack, pin: "5" })),
	});
	const group = board.groups.findIndex(jacks => jacks.includes(bench.senders[0]?.jack ?? ""));
	const receive = findNode(board.controller, board.receivePins[group] ?? "");
	const meters = bench.senders.flatMap(({ jack, sends, late }, index) => {
		const data = findNode(jack, "5");
		const load = [`Vsupply${index} ${findNode(jack, "1")} 0 5`, `Cline${index} ${data} 0 ${bench.lineCapacitance}`];
		const dark = [`Idark${index} ${data} 0 ${darkCurrent}`];
		if (!sends) return [...load, ...dark];
		return [
			...load,
			describeTransmission(`send${index}`, `send${index}`, late),
			`Smeter${index} ${data} low${index} 0 send${index} meter`,
			`Vlow${index} low${index} 0 ${bench.lowVoltage ?? 0}`,
		];
	});
	const deck = [
		...lines,
		...meters,
		".model meter SW(VT=-0.5 VH=0.1 RON=40 ROFF=1g)",
		`Vlogic ${findNode(board.controller, "3V")} 0 3.3`,
		`Cpin ${receive} 0 15p`,
		`.tran 50n ${transmissionSeconds} 0 50n`,
	];
	const run = await simulate(deck, transmissionSeconds);
	const range = findRange(run, `v(${receive})`);
	return {
		...measureLine(run, receive, bench.inverted),
		low: range.least,
		high: range.most,
		meterCurrent: findRange(run, "i(vlow0)", transmissionSeconds * 0.999).most,
	};
}
