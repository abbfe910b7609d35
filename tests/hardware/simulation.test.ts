/** The circuit in SPICE. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createBoards, readTargetPins } from "../../tools/hardware/boards.js";
import { dataBenches } from "../../tools/hardware/data-figures.js";
import { allBenches, computeFigures } from "../../tools/hardware/figures.js";
import { countPulses } from "../../tools/hardware/light-bench.js";
import { parseNetlist } from "../../tools/hardware/netlist.js";
import { compareTables, listRows, readTable } from "../../tools/hardware/report.js";
import { bitSeconds, describeTransmission, measureLine, transmissionSeconds } from "../../tools/hardware/serial.js";
import { lightBenches, requestBenches } from "../../tools/hardware/signal-figures.js";
import { readValues, simulate } from "../../tools/hardware/spice.js";
import { faultBenches, supplyBenches } from "../../tools/hardware/supply-figures.js";
import { type Alteration, setValue, swapPins } from "./alterations.js";

const root = new URL("../../", import.meta.url);
const netlist = parseNetlist(readFileSync(new URL("hardware/p1-adapter.net", root), "utf8"));
const boards = createBoards(readTargetPins(new URL("targets/lolin_d32/manifest.json", root)));

describe("the simulator", () => {
	it("charges a capacitor as the formula says", async () => {
		const deck = ["V1 a 0 PWL(0 0 1u 0 1.001u 3.3)", "R1 a b 1500", "C1 b 0 470p", ".tran 5n 4u 0 5n"];
		const run = await simulate(deck, 4e-6);
		for (const [level, factor] of [
			[0.825, 4 / 3],
			[1.65, 2],
			[2.475, 4],
		] as const) {
			const index = readValues(run, "v(b)").findIndex(value => value >= level);
			const formula = 1e-6 + 1500 * 470e-12 * Math.log(factor);
			expect(Math.abs((run.time[index] ?? 0) - formula)).toBeLessThan(10e-9);
		}
	});

	it("does not take a transient that gave up for a whole one", async () => {
		const stiff = "B1 b 0 v=v(a)>0.5 ? -1e9*v(b)+1e9*u(-v(b)) : 0";
		const deck = ["V1 a 0 PULSE(0 1 1m 1n 1n 1m 2m)", stiff, "R1 b 0 1k", "C1 b 0 1p", ".tran 1u 3m"];
		await expect(simulate(deck, 3e-3)).rejects.toThrow(/stopped at 0\.001/);
	});

	it("does not take an error for a result, and works on after it", async () => {
		await expect(simulate(["V1 a 0 5", "X1 a 0 nothing"], null)).rejects.toThrow(/unknown subckt/);
		const run = await simulate(["V1 a 0 5", "R1 a b 1k", "R2 b 0 3k"], null);
		expect(readValues(run, "v(b)")[0]).toBeCloseTo(3.75, 6);
	});

	it("sees the whole margin of a perfect line, and the errors of a late one", async () => {
		const deck = (ohms: number) => [
			describeTransmission("send", "send"),
			"Eline line 0 send 0 3.3",
			`R1 line rx ${ohms}`,
			"C1 rx 0 1n",
			`.tran 50n ${transmissionSeconds} 0 50n`,
		];
		const perfect = measureLine(await simulate(deck(1), transmissionSeconds), "rx");
		expect(perfect.typical.margin).toBeCloseTo(50, 0);
		expect(perfect.strict.margin).toBeCloseTo(50 - 9.5 * 2, 0);
		const late = measureLine(await simulate(deck(bitSeconds / 1e-9), transmissionSeconds), "rx");
		expect(late.strict.errors).toBeGreaterThan(0);
		expect(late.strict.margin).toBe(0);
	});
});

const groups = { dataBenches, supplyBenches, requestBenches, lightBenches, faultBenches };

describe("the simulated figures", () => {
	const table = readTable(readFileSync(new URL("hardware/README.md", root), "utf8"));

	it.each(Object.entries(groups))(
		"keep their limits, and the README shows them: %s",
		async (_name, benches) => {
			const figures = await computeFigures(netlist, boards, benches);
			expect(figures.filter(figure => !figure.passed)).toEqual([]);
			const rows = table.split("\n").filter(row => row.startsWith(`| ${figures[0]?.group} `));
			expect(compareTables(rows.join("\n"), listRows(figures).join("\n"))).toEqual([]);
		},
		240_000,
	);

	it("are all in the README, and nothing else", () => {
		expect(table.split("\n")).toHaveLength(2 + Object.values(groups).flat().length);
		expect(allBenches).toHaveLength(Object.values(groups).flat().length);
	});

	it("are compared as numbers and as words", () => {
		expect(compareTables("| margin 22 %, 3.26 V |", "| margin 23 %, 3.27 V |")).toEqual([]);
		expect(compareTables("| margin 22 % |", "| margin 24 % |")).toHaveLength(1);
		expect(compareTables("| never |", "| 3 |")).toHaveLength(1);
		expect(compareTables("| 1 |", "| 1 |\n| 2 |")).toHaveLength(1);
	});
});

/** What was done, the benches that are run, and how many of them must fail. */
const mistakes: readonly (readonly [string, Alteration, typeof dataBenches, number])[] = [
	["data line: pull-up of 10 kΩ", setValue("R1", "10k"), dataBenches.slice(1, 3), 2],
	["data line: series resistor of 100 kΩ", setValue("R2", "100k"), dataBenches.slice(1, 2), 1],
	["data line: pull-up of 470 Ω", setValue("R1", "470R"), dataBenches.slice(1, 2), 1],
	["joined data lines: pull-up of 4.7 kΩ", setValue("R301", "4k7"), dataBenches.slice(7, 8), 1],
	["inverter: 1 MΩ below the base", setValue("R10", "1M"), dataBenches.slice(5, 6), 1],
	["supply: bulk capacitor of 470 µF", setValue("C1", "470µF"), supplyBenches.slice(2, 3), 1],
	["supply: 22 µF at 3.3 V", setValue("C3", "22µF"), supplyBenches.slice(6, 7), 1],
	["request: 470 Ω in series", setValue("R3", "470R"), requestBenches.slice(0, 1), 1],
	["request switch: base resistor of 47 kΩ", setValue("R4", "47k"), requestBenches.slice(1, 2), 1],
	["request switch of the next one: base resistor of 47 kΩ", setValue("R324", "47k"), requestBenches.slice(6, 7), 1],
	["LED reader: coupling of 1 µF", setValue("C101", "1000nF"), lightBenches.slice(6, 8), 2],
	["LED reader: coupling of 0.1 nF", setValue("C101", "0.1nF"), lightBenches.slice(1, 2), 1],
	["LED reader: 2.2 kΩ at the phototransistor", setValue("R101", "2k2"), lightBenches.slice(1, 2), 1],
	["LED reader: 1 µF at the output", setValue("C102", "1000nF"), lightBenches.slice(0, 1), 1],
	["crossed cable: diode the wrong way round", swapPins("D1", "A", "D1", "K"), faultBenches.slice(0, 1), 1],
	["computer: diode the wrong way round", swapPins("D1", "A", "D1", "K"), faultBenches.slice(1, 2), 1],
];

describe("wrong values", () => {
	it.each(mistakes)("%s", async (_name, alter, benches, failures) => {
		const figures = await computeFigures(alter(netlist), boards, benches);
		expect(figures.filter(figure => !figure.passed)).toHaveLength(failures);
	});
});

describe("what the notes on the drawing say", () => {
	it("a weak LED is counted with 22 kΩ at the phototransistor, in up to 0.1 mA of daylight", async () => {
		const [board] = boards;
		if (board === undefined) throw new Error("no board");
		const light = { led: 50e-6, length: 1e-3, rate: 200, lamp: 0, daylight: 0 };
		const weak = setValue("R101", "22k")(netlist);
		expect((await countPulses(netlist, board, light)).counted).toBe(0);
		expect((await countPulses(weak, board, light)).counted).toBe(20);
		expect((await countPulses(weak, board, { ...light, daylight: 100e-6 })).counted).toBe(20);
		expect((await countPulses(weak, board, { ...light, daylight: 150e-6 })).counted).toBe(0);
	});
});
