/** The figures of the data line and their limits. */

import { refit } from "./circuit.js";
import { type DataBench, type DataFigures, runDataBench } from "./data-bench.js";
import { type Bench, findBoard } from "./figure.js";

const inverterParts: readonly string[] = ["Q3", "R8", "R9", "R10", "R11", "R12"];
const directParts: readonly string[] = ["R1", "R2"];

function describeLine(figures: DataFigures): string {
	const { typical, strict } = figures;
	return `errors ${typical.errors} and ${strict.errors}, margin ${typical.margin.toFixed(0)} % and ${strict.margin.toFixed(0)} %`;
}

/** @param margin least strict margin in percent; null when errors are expected. */
function createLineBench(what: string, name: string, bench: DataBench, margin: number | null, inverter = false): Bench {
	return async (netlist, boards) => {
		const built = inverter ? refit(netlist, inverterParts, directParts) : netlist;
		const figures = await runDataBench(built, findBoard(boards, name), bench);
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
