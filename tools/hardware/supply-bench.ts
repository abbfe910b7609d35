/** Simulates the supply. */

import type { Board } from "./boards.js";
import { createCircuit } from "./circuit.js";
import type { Netlist } from "./netlist.js";
import { findRange, readValues, simulate } from "./spice.js";

/*
 * The meter's 5 V supply (DSMR P1 5.0.2 chapters 5.3.2 and 5.5.2) and the LOLIN D32, as behaviour. Sourced: 4.9 V at 250 mA, limit
 * 260 mA, fold-back to 50 mA into a short. Assumed, no data sheet at hand: 0.5 Ω of cable and contacts; the regulator passes
 * up to 600 mA and drops 0.9 Ω times its current; capacitors on the board of 10 µF at 5 V and 22 µF at 3.3 V.
 */

/** The smaller of two expressions, rounded at the corner: ngspice needs a slope everywhere. */
function least(first: string, second: string): string {
	return `(0.5*((${first})+(${second})-sqrt(((${first})-(${second}))^2+1e-6)))`;
}

/** Zero where the expression is negative, rounded likewise. */
function positive(expression: string): string {
	return `(0.5*((${expression})+sqrt((${expression})^2+1e-8)))`;
}

/** @param open voltage of the meter without load, as an ngspice expression. */
function describeMeter(jackNode: string, open: string): string[] {
	const limit = "0.05+0.21*v(meter)/5";
	return [
		`Bmeter 0 meter i=${positive(least(`((${open})-v(meter))/0.4`, limit))}`,
		"Rmeter meter 0 100k",
		"Cmeter meter 0 1u",
		"Vcable meter cable 0",
		`Rcable cable ${jackNode} 0.5`,
	];
}

/** @param load current at 3.3 V in amperes, as an ngspice expression. */
function describeBoard(supply: string, logic: string, load: string): string[] {
	const passed = least(least(`(v(board)-v(${logic}))/0.9`, "0.6"), `20*(3.3-v(${logic}))`);
	return [
		`Dboard ${supply} board DSCHOTTKY`,
		`Csupply ${supply} 0 10u`,
		"Cboard board 0 1u",
		`Bregulator board ${logic} i=${positive(passed)}`,
		`Clogic ${logic} 0 22u`,
		`Rlogic ${logic} 0 100k`,
		`Bload ${logic} 0 i=(${load})*tanh(${positive(`v(${logic})-1`)}*5)`,
	];
}

export interface Burst {
	/** Current at 3.3 V in amperes, for how long and how often in seconds. */
	readonly current: number;
	readonly length: number;
	readonly period: number;
	/** What is left of the electrolytic capacitors; 1 unless given. */
	readonly aged?: number;
}

export interface SupplyFigures {
	/** Lowest voltages at the board's 5 V pin and 3.3 V pin. */
	readonly supply: number;
	readonly logic: number;
	/** Largest current out of the meter in amperes. */
	readonly meterCurrent: number;
}

/** The meter is plugged in after 1 ms. */
const plug = "Vplug plug 0 PWL(0 0 1m 0 1.1m 5)";

/** Base load between the bursts of the radio, in amperes: an ESP32 that listens. */
const baseLoad = 0.1;

function createBench(netlist: Netlist, board: Board, jack: string, aged = 1) {
	const { lines, findNode } = createCircuit(netlist, board, {
		from: [],
		supplies: true,
		aged,
	});
	const request = `Rrequest ${findNode(jack, "1")} 0 500`;
	return {
		lines: [...lines, request],
		jackNode: findNode(jack, "1"),
		supply: findNode(board.controller, "USB"),
		logic: findNode(board.controller, "3V"),
	};
}

/** Bursts of the radio out of one meter. */
export async function runBursts(netlist: Netlist, board: Board, jack: string, burst: Burst): Promise<SupplyFigures> {
	const { lines, jackNode, supply, logic } = createBench(netlist, board, jack, burst.aged);
	const settle = 0.1;
	const stop = settle + Math.max(40e-3, 3 * burst.period);
	const pulse = `Vburst burst 0 PULSE(0 1 ${settle} 5u 5u ${burst.length} ${burst.period})`;
	const ramp = "Vramp ramp 0 PWL(0 0 70m 0 80m 1)";
	const load = `${baseLoad}*v(ramp)+${burst.current - baseLoad}*v(burst)`;
	const deck = [
		...lines,
		plug,
		...describeMeter(jackNode, "v(plug)"),
		...describeBoard(supply, logic, load),
		pulse,
		ramp,
		`.tran 40u ${stop} 0 40u`,
	];
	const run = await simulate(deck, stop);
	return {
		supply: findRange(run, `v(${supply})`, settle).least,
		logic: findRange(run, `v(${logic})`, settle).least,
		meterCurrent: findRange(run, "i(vcable)", settle).most,
	};
}

export interface StartFigures {
	/** Seconds from plugging in until 3.3 V has reached 3.0 V for good; null when it never does. */
	readonly ready: number | null;
	readonly logic: number;
	readonly meterCurrent: number;
}

/** Plugging in with a load that draws from 2.4 V on, through the fold-back of the meter. */
export async function runStart(netlist: Netlist, board: Board, jack: string, load: number): Promise<StartFigures> {
	const { lines, jackNode, supply, logic } = createBench(netlist, board, jack);
	const stop = 0.3;
	const awake = `(0.5+0.5*tanh((v(${logic})-2.4)*20))`;
	const deck = [
		...lines,
		plug,
		...describeMeter(jackNode, "v(plug)"),
		...describeBoard(supply, logic, `${load}*${awake}`),
		`.tran 100u ${stop} 0 100u`,
	];
	const run = await simulate(deck, stop);
	const volts = readValues(run, `v(${logic})`);
	const last = volts.reduce((latest, value, index) => (value < 3 ? index : latest), -1);
	const final = volts[volts.length - 1] ?? 0;
	return {
		ready: last === volts.length - 1 ? null : (run.time[last + 1] ?? 0) - 1e-3,
		logic: final,
		meterCurrent: findRange(run, "i(vcable)").most,
	};
}
