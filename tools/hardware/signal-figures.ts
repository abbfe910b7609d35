/** The figures of request line and LED reader, and their limits. */

import { restMs } from "../../modules/meter/turns.js";
import { refit } from "./circuit.js";
import { type Bench, findBoard } from "./figure.js";
import { countPulses, type Light } from "./light-bench.js";
import { measureRequest, measureTurn, type RequestBench } from "./request-bench.js";

const requestParts: readonly string[] = ["Q1", "Q2", "R4", "R5", "R6", "R7"];

function createRequest(what: string, name: string, bench: RequestBench, on: boolean): Bench {
	return async (netlist, boards) => {
		const built = name === "one meter" && bench.jumper === "switched" ? refit(netlist, requestParts, []) : netlist;
		const { volts, current } = await measureRequest(built, findBoard(boards, name), bench);
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
	createTurn("six meters: from one to the next on its line", "J311", "17", "J321", "18"),
	createTurn("six meters: from the last to the first", "J361", "23", "J341", "21"),
];

/** At the scheduler's pace: the line rests between two turns, and what the switches need must be little of that. */
function createTurn(what: string, from: string, fromPin: string, to: string, toPin: string): Bench {
	return async (netlist, boards) => {
		const rest = restMs / 1_000;
		const { off, on, left } = await measureTurn(
			netlist,
			findBoard(boards, "six meters"),
			{ jack: from, pin: fromPin },
			{ jack: to, pin: toPin },
			rest,
		);
		return {
			group: "Request",
			what,
			result: `off after ${(off * 1e3).toFixed(2)} ms, asked after ${(on * 1e3).toFixed(2)} ms, ${Math.max(0, left).toFixed(2)} V left`,
			limit: `both within ${restMs / 10} ms, 0.1 V; the line rests for ${restMs} ms`,
			passed: off <= rest / 10 && on <= rest / 10 && left <= 0.1,
		};
	};
}

function askFirst(jack: string): RequestBench {
	return { jack, jumper: "switched", high: ["17"], low: ["18", "19", "21", "22", "23"] };
}

function createLight(what: string, light: Light, counts: boolean): Bench {
	return async (netlist, boards) => {
		const figures = await countPulses(netlist, findBoard(boards, "one meter"), light);
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
	createLight("35 pulses of 50 µs, 350 a second, with lamp light", { ...led, length: 50e-6, rate: 350 }, true),
	createLight("35 pulses of 1 ms, 350 a second, with lamp light", { ...led, rate: 350 }, true),
	createLight("20 pulses of 1 ms in daylight of 200 µA", { ...led, lamp: 0, daylight: 200e-6 }, true),
	createLight("lamp light of 200 µA alone, 100 times a second", { ...led, led: 0, lamp: 200e-6 }, false),
	createLight("lamp light of 500 µA alone, 100 times a second", { ...led, led: 0, lamp: 500e-6 }, false),
];
