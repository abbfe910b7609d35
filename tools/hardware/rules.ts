/** All rules of the wiring. */

import { type Board, pulsePin } from "./boards.js";
import { dataRules } from "./data-rules.js";
import { findFarNet, findNet, listBetween, listFitted, type Netlist } from "./netlist.js";
import { requestRules } from "./request-rules.js";
import { findGround, findLogicSupply, type Rule } from "./rule.js";
import { supplyRules } from "./supply-rules.js";

export interface Complaint {
	readonly rule: string;
	readonly board: string;
	readonly text: string;
}

/** The parts that are drawn and not to be fitted. */
export const variants: readonly string[] = [
	...["D2", "D3"],
	...["Q1", "Q2", "R4", "R5", "R6", "R7"],
	...["Q3", "R8", "R9", "R10", "R11", "R12"],
];

const variantParts: Rule = {
	name: "variants not fitted",
	check: netlist => {
		const drawn = [...netlist.parts.values()].filter(part => !part.fitted).map(part => part.reference);
		const wrong = [
			...variants.filter(part => !drawn.includes(part)),
			...drawn.filter(part => !variants.includes(part)),
		];
		return wrong.map(part => `${part} is ${drawn.includes(part) ? "not fitted" : "fitted"} and should not be so`);
	},
};

/** The LED reader hangs on the board of one meter: light → resistor, capacitor → transistor → resistor → GPIO. */
const ledReader: Rule = {
	name: "LED reader",
	check: (netlist, board) => {
		const supply = findLogicSupply(netlist, board);
		const ground = findGround(netlist, board);
		const pulse = findNet(netlist, board.controller, pulsePin);
		const sensor = listFitted(netlist, supply, "Q_Photo")[0];
		if (sensor === undefined) return ["no phototransistor on 3.3 V"];
		const light = findNet(netlist, sensor.reference, "E");
		const coupling = listFitted(netlist, light, "C")[0];
		if (coupling === undefined) return ["the light is not coupled by a capacitor"];
		const edge = findFarNet(netlist, coupling.reference, light);
		const amplifier = listFitted(netlist, edge, "Q_NPN")[0];
		if (amplifier === undefined) return ["no transistor behind the capacitor"];
		const raw = findNet(netlist, amplifier.reference, "C");
		const complaints: string[] = [];
		if (listBetween(netlist, light, ground, "R").length !== 1) complaints.push("no resistor at the phototransistor");
		if (listBetween(netlist, edge, ground, "R").length !== 1) complaints.push("no resistor at the base");
		if (listBetween(netlist, raw, supply, "R").length !== 1) complaints.push("no pull-up to 3.3 V at the collector");
		if (listBetween(netlist, raw, pulse, "R").length !== 1) complaints.push(`no resistor to GPIO${pulsePin}`);
		return complaints;
	},
};

/** Rules for the one board that carries the variants and the LED reader. */
const firstBoardRules: readonly Rule[] = [variantParts, ledReader];

export const ruleNames: readonly string[] = [...supplyRules, ...dataRules, ...requestRules, ...firstBoardRules].map(
	rule => rule.name,
);

/** Holds the netlist against every rule. A pin that is missing altogether is a complaint too. */
export function checkRules(netlist: Netlist, boards: readonly Board[]): Complaint[] {
	return boards.flatMap((board, index) => {
		const rules = [...supplyRules, ...dataRules, ...requestRules, ...(index === 0 ? firstBoardRules : [])];
		return rules.flatMap(rule =>
			runRule(rule, netlist, board).map(text => ({ rule: rule.name, board: board.name, text })),
		);
	});
}

function runRule(rule: Rule, netlist: Netlist, board: Board): string[] {
	try {
		return rule.check(netlist, board);
	} catch (problem) {
		return [String(problem)];
	}
}
