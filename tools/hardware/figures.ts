import type { Board } from "./boards.js";
import { refit } from "./circuit.js";
import { type DataBench, type DataFigures, runDataBench } from "./data-bench.js";
import { countPulses, type Light } from "./light-bench.js";
import type { Netlist } from "./netlist.js";
import { measureRequest, type RequestBench } from "./request-bench.js";
import { type Burst, runBursts, runStart } from "./supply-bench.js";

/** One simulated fact: what was run, what came out, what it must be. */
export interface Figure {
	readonly group: string;
	readonly what: string;
	readonly result: string;
	readonly limit: string;
	readonly passed: boolean;
}

type Bench = (netlist: Netlist, boards: readonly Board[]) => Promise<Figure>;

export const inverterParts: readonly string[] = ["Q3", "R8", "R9", "R10", "R11", "R12"];
export const directParts: readonly string[] = ["R1", "R2"];
export const requestParts: readonly string[] = ["Q1", "Q2", "R4", "R5", "R6", "R7"];

function pick(boards: readonly Board[], name: string): Board {
	const board = boards.find(item => item.name === name);
	if (board === undefined) throw new Error(`no board "${name}"`);
	return board;
}

function describeLine(figures: DataFigures): string {
	const { typical, strict } = figures;
	return `errors ${typical.errors} and ${strict.errors}, margin ${typical.margin.toFixed(0)} % and ${strict.margin.toFixed(0)} %`;
}

/** @param margin least strict margin in percent; null when errors are expected. */
function createLineBench(what: string, name: string, bench: DataBench, margin: number | null, inverter = false): Bench {
	return async (netlist, boards) => {
		const built = inverter ? refit(netlist, inverterParts, directParts) : netlist;
		const figures = await runDataBench(built, pick(boards, name), bench);
		const clean = figures.typical.errors + figures.strict.errors === 0;
		const current = (figures.meterCurrent * 1e3).toFixed(2);
		return {
			group: "Data line",
			what,
			result: `${describeLine(figures)}; low ${figures.low.toFixed(2)} V, high ${figures.high.toFixed(2)} V, ${current} mA`,
			limit: margin === null ? "errors, at most 5 mA" : `no errors, ${margin} %, at most 5 mA`,
			passed:
				figures.meterCurrent <= 5e-3 &&
				(margin === null ? figures.strict.errors > 0 : clean && figures.strict.margin >= margin),
		};
	};
}

const one = [{ jack: "J1", sends: true }];
const group = ["J311", "J321", "J331"];

function createDirect(picofarads: number, margin: number): Bench {
	const bench = { senders: one, lineCapacitance: picofarads * 1e-12 };
	return createLineBench(`one meter, ${picofarads} pF`, "one meter", bench, margin);
}

/** A bad meter: its LOW is about `volts`, made of a fixed voltage and the 40 Ω that carry some 1.6 mA. */
function createLow(volts: number, margin: number | null, inverted: boolean): Bench {
	const bench = { senders: one, lineCapacitance: 470e-12, lowVoltage: volts - 0.065, inverted };
	const what = `470 pF, a meter with a LOW of ${volts.toFixed(1)} V, ${inverted ? "NPN inverter" : "R1 and R2"}`;
	return createLineBench(what, "one meter", bench, margin, inverted);
}

function createJoined(what: string, sending: number, margin: number | null): Bench {
	const senders = group.map((jack, index) => ({ jack, sends: index < sending, late: index }));
	return createLineBench(what, "six meters", { senders, lineCapacitance: 330e-12 }, margin);
}

const third = { senders: [{ jack: "J231", sends: true }], lineCapacitance: 470e-12 };

export const dataBenches: readonly Bench[] = [
	createDirect(100, 20),
	createDirect(470, 15),
	createDirect(1000, 5),
	createLow(0.8, 15, false),
	createLow(1, null, false),
	createLow(1, 10, true),
	createLineBench("three meters: the third, 470 pF", "three meters", third, 15),
	createJoined("six meters: one of three asked, 330 pF each", 1, 10),
	createJoined("six meters: two asked at once by mistake", 2, null),
];

function createBurst(burst: Burst, least: number, name = "one meter", jack = "J1"): Bench {
	const load = `${burst.current * 1e3} mA for ${burst.length * 1e3} ms every ${burst.period * 1e3} ms${burst.aged ? ", C1 and C3 20 % low" : ""}`;
	return async (netlist, boards) => {
		const figures = await runBursts(netlist, pick(boards, name), jack, burst);
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
		const figures = await runStart(netlist, pick(boards, "one meter"), "J1", load);
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

function createRequest(what: string, name: string, bench: RequestBench, on: boolean): Bench {
	return async (netlist, boards) => {
		const built = name === "one meter" && bench.jumper === "switched" ? refit(netlist, requestParts, []) : netlist;
		const { volts, current } = await measureRequest(built, pick(boards, name), bench);
		return {
			group: "Request",
			what,
			result: on
				? `${volts.toFixed(2)} V, ${(current * 1e3).toFixed(1)} mA`
				: `${current < 1e-7 ? "below" : "above"} 0.1 µA`,
			limit: on ? "4.0 V to 5.5 V" : "below 0.1 µA",
			passed: on ? volts >= 4 && volts <= 5.5 : current < 1e-7,
		};
	};
}

export const requestBenches: readonly Bench[] = [
	createRequest("jumper 1-2", "one meter", { jack: "J1", jumper: "always", high: [], low: [] }, true),
	createRequest("switch, GPIO17 high", "one meter", { jack: "J1", jumper: "switched", high: ["17"], low: [] }, true),
	createRequest("switch, GPIO17 low", "one meter", { jack: "J1", jumper: "switched", high: [], low: ["17"] }, false),
	createRequest(
		"switch, GPIO17 open (start)",
		"one meter",
		{ jack: "J1", jumper: "switched", high: [], low: [] },
		false,
	),
	createRequest("six meters: the one that is asked", "six meters", askFirst("J311"), true),
	createRequest("six meters: its neighbour", "six meters", askFirst("J321"), false),
];

function askFirst(jack: string): RequestBench {
	return { jack, jumper: "switched", high: ["17"], low: ["18", "19", "21", "22", "23"] };
}

function createLight(what: string, light: Light, counts: boolean): Bench {
	return async (netlist, boards) => {
		const figures = await countPulses(netlist, pick(boards, "one meter"), light);
		const low = counts
			? `, low for ${(figures.shortest * 1e6).toFixed(0)} µs to ${(figures.longest * 1e6).toFixed(0)} µs`
			: "";
		return {
			group: "LED reader",
			what,
			result: `${figures.counted} counted${low}`,
			limit: counts ? `${figures.sent}, low for 20 µs` : "0",
			passed: figures.counted === (counts ? figures.sent : 0) && (!counts || figures.shortest >= 20e-6),
		};
	};
}

const led = { led: 100e-6, length: 1e-3, rate: 200, lamp: 50e-6, daylight: 20e-6 };

export const lightBenches: readonly Bench[] = [
	createLight("20 pulses of 50 µs, 200 a second, with lamp light", { ...led, length: 50e-6 }, true),
	createLight("20 pulses of 1 ms, 200 a second, with lamp light", led, true),
	createLight("8 pulses of 6 ms, 80 a second, with lamp light", { ...led, length: 6e-3, rate: 80 }, true),
	createLight("20 pulses of 1 ms in daylight of 200 µA", { ...led, lamp: 0, daylight: 200e-6 }, true),
	createLight("lamp light of 200 µA alone, 100 times a second", { ...led, led: 0, lamp: 200e-6 }, false),
	createLight("lamp light of 500 µA alone, 100 times a second", { ...led, led: 0, lamp: 500e-6 }, false),
];

export const allBenches: readonly Bench[] = [...dataBenches, ...supplyBenches, ...requestBenches, ...lightBenches];

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
