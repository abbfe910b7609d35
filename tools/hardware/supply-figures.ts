/** The figures of the supply and of faults, and their limits. */

import { feedBackwards, plugCrossed } from "./fault-bench.js";
import { type Bench, findBoard } from "./figure.js";
import { type Burst, runBursts, runStart } from "./supply-bench.js";

function createBurst(burst: Burst, least: number, name = "one meter", jack = "J1"): Bench {
	const load = `${burst.current * 1e3} mA for ${burst.length * 1e3} ms every ${burst.period * 1e3} ms${burst.aged ? ", C1 and C3 20 % low" : ""}`;
	return async (netlist, boards) => {
		const figures = await runBursts(netlist, findBoard(boards, name), jack, burst);
		const current = (figures.meterCurrent * 1e3).toFixed(0);
		return {
			group: "Supply",
			what: name === "one meter" ? load : `${name}, one of them plugged in: ${load}`,
			result: `3.3 V falls to ${figures.logic.toFixed(2)} V, 5 V to ${figures.supply.toFixed(2)} V, meter ${current} mA`,
			limit: `${least} V, at most 260 mA`,
			passed: figures.logic >= least && figures.meterCurrent <= 0.26,
		};
	};
}

/** @param starts false for a load that is known to be too much. */
function createStart(load: number, starts: boolean): Bench {
	return async (netlist, boards) => {
		const figures = await runStart(netlist, findBoard(boards, "one meter"), "J1", load);
		const time = figures.ready === null ? "never" : `after ${(figures.ready * 1e3).toFixed(0)} ms`;
		const current = (figures.meterCurrent * 1e3).toFixed(0);
		return {
			group: "Supply",
			what: `plugged in with ${load * 1e3} mA of load`,
			result: `3.0 V ${time}, 3.3 V ends at ${figures.logic.toFixed(2)} V, meter ${current} mA`,
			limit: starts ? "100 ms, at most 260 mA" : "never",
			passed: figures.meterCurrent <= 0.26 && (figures.ready !== null && figures.ready <= 0.1) === starts,
		};
	};
}

export const supplyBenches: readonly Bench[] = [
	createBurst({ current: 0.24, length: 12.3e-3, period: 25e-3 }, 3.1),
	createBurst({ current: 0.35, length: 1e-3, period: 10e-3 }, 3.1),
	createBurst({ current: 0.5, length: 2e-3, period: 10e-3 }, 3.1),
	createBurst({ current: 0.5, length: 2e-3, period: 10e-3, aged: 0.8 }, 3.1),
	createBurst({ current: 0.5, length: 2e-3, period: 10e-3 }, 3.1, "three meters", "J211"),
	createBurst({ current: 0.5, length: 2e-3, period: 10e-3 }, 3.1, "six meters", "J311"),
	createBurst({ current: 0.8, length: 0.3e-3, period: 10e-3 }, 2.8),
	createBurst({ current: 0.8, length: 0.3e-3, period: 10e-3, aged: 0.8 }, 2.8),
	createStart(0.05, true),
	createStart(0.15, true),
	createStart(0.2, false),
];

function createMishap(what: string, run: typeof plugCrossed, limit: number): Bench {
	return async (netlist, boards) => {
		const { current, supply } = await run(netlist, findBoard(boards, "one meter"), "J1");
		return {
			group: "Mishaps",
			what,
			result: `${(current * 1e3).toFixed(2)} mA at the meter, ${supply.toFixed(1)} V at the 5 V pin of the board`,
			limit: `${limit * 1e3} mA, not below -0.5 V`,
			passed: current <= limit && supply >= -0.5,
		};
	};
}

export const faultBenches: readonly Bench[] = [
	createMishap("crossed cable (1 to 6, 2 to 5, 3 to 4)", plugCrossed, 20e-3),
	createMishap("a computer feeds the board, the meter has no power", feedBackwards, 1e-3),
];
