/** Rules for the wiring of the request lines. */

import type { Board } from "./boards.js";
import { findFarNet, findNet, type Net, type Netlist, type Part } from "./netlist.js";
import { describeNet, findGround, findJackSupply, listControllerPins, listJacks, type Rule } from "./rule.js";
import { parseValue } from "./values.js";

/*
 * DSMR P1 5.0.2 chapter 5.7.1: the request line wants 4.0 V to 5.5 V at up to 10 mA, so a 3.3 V GPIO cannot drive it, and it is
 * released by high impedance, never by pulling it low. These rules look at all parts, fitted or not: a variant must be safe too.
 */

function listParts(netlist: Netlist, net: Net): Part[] {
	const references = new Set(net.pins.map(pin => pin.part));
	return [...netlist.parts.values()].filter(part => references.has(part.reference));
}

/** All nets that may carry the request of this jack, from the jack back to the switch. */
function listRequestNets(netlist: Netlist, jack: string): Net[] {
	const request = findNet(netlist, jack, "2");
	const nets = [request];
	for (const resistor of listParts(netlist, request).filter(part => part.symbol === "R")) {
		const behind = findFarNet(netlist, resistor.reference, request);
		nets.push(behind);
		for (const jumper of listParts(netlist, behind).filter(part => part.symbol === "Jumper_3")) {
			nets.push(findNet(netlist, jumper.reference, "3"));
		}
	}
	return nets;
}

const highSide: Rule = {
	name: "request from the high side",
	check: (netlist, board) =>
		listJacks(board).flatMap(jack => {
			const [request, behind] = listRequestNets(netlist, jack);
			if (request === undefined || behind === undefined) return [`no resistor at ${jack}.2`];
			const resistors = listParts(netlist, request).filter(part => part.reference !== jack);
			const ohms = resistors[0]?.symbol === "R" ? parseValue(resistors[0].value) : 0;
			const complaints: string[] = [];
			if (resistors.length !== 1) complaints.push(`not one part at ${jack}.2: ${describeNet(request)}`);
			if (ohms < 33 || ohms > 68) complaints.push(`${resistors[0]?.reference} is not 33 Ω to 68 Ω`);
			const supply = findJackSupply(netlist, jack);
			const sources = listParts(netlist, behind).filter(item => item !== resistors[0]);
			if (sources.length === 0) complaints.push(`nothing feeds the request of ${jack}`);
			for (const part of sources) {
				const pin = behind.pins.find(item => item.part === part.reference)?.name;
				const source = part.symbol.startsWith("Jumper") ? "1" : part.symbol === "Q_PNP" && pin === "C" ? "E" : "";
				if (source === "") complaints.push(`${part.reference} is no jumper and no PNP collector`);
				else if (findNet(netlist, part.reference, source) !== supply) {
					complaints.push(`${part.reference} does not take the request of ${jack} from ${jack}.1`);
				}
			}
			return complaints;
		}),
};

const noBarePin: Rule = {
	name: "request not from a GPIO",
	check: (netlist, board) =>
		listJacks(board).flatMap(jack =>
			listRequestNets(netlist, jack).flatMap(net =>
				listControllerPins(net, board).map(pin => `GPIO${pin} drives the request of ${jack}: ${describeNet(net)}`),
			),
		),
};

const neverLow: Rule = {
	name: "request never pulled low",
	check: (netlist, board) => {
		const ground = findGround(netlist, board);
		return listJacks(board).flatMap(jack =>
			listRequestNets(netlist, jack).flatMap(net => {
				if (net === ground) return [`the request of ${jack} is on ground`];
				return listParts(netlist, net)
					.filter(part => part.reference !== jack && part.symbol !== "Q_PNP")
					.filter(part => ground.pins.some(pin => pin.part === part.reference) || part.symbol === "Q_NPN")
					.map(part => `${part.reference} pulls the request of ${jack} low`);
			}),
		);
	},
};

const requestsApart: Rule = {
	name: "requests apart",
	check: (netlist, board) => {
		const jacks = listJacks(board);
		const nets = jacks.flatMap(jack => [...new Set(listRequestNets(netlist, jack))]);
		return new Set(nets).size === nets.length ? [] : ["two meters share a request line"];
	},
};

/** The transistor switch of each jack: off while the ESP32 starts, asked by its own GPIO. */
const offAtStart: Rule = {
	name: "request off at the start",
	check: (netlist, board) =>
		board.requestPins.flatMap((name, index) => {
			const jack = listJacks(board)[index] ?? "";
			const nets = listRequestNets(netlist, jack);
			const upper = nets.flatMap(net => listParts(netlist, net)).find(part => part.symbol === "Q_PNP");
			if (upper === undefined) return [`no switch for the request of ${jack}`];
			const upperBase = findNet(netlist, upper.reference, "B");
			const complaints: string[] = [];
			if (!hasResistor(netlist, upperBase, findJackSupply(netlist, jack))) {
				complaints.push(`no resistor from the base of ${upper.reference} to ${jack}.1`);
			}
			const lower = listParts(netlist, upperBase)
				.filter(part => part.symbol === "R")
				.flatMap(part => listParts(netlist, findFarNet(netlist, part.reference, upperBase)))
				.find(part => part.symbol === "Q_NPN");
			if (lower === undefined) return [...complaints, `nothing drives the base of ${upper.reference}`];
			return [...complaints, ...checkLower(netlist, board, lower.reference, name)];
		}),
};

function hasResistor(netlist: Netlist, first: Net, second: Net): boolean {
	return listParts(netlist, first).some(
		part => part.symbol === "R" && findFarNet(netlist, part.reference, first) === second,
	);
}

function checkLower(netlist: Netlist, board: Board, reference: string, name: string): string[] {
	const ground = findGround(netlist, board);
	const base = findNet(netlist, reference, "B");
	const complaints: string[] = [];
	if (findNet(netlist, reference, "E") !== ground) complaints.push(`the emitter of ${reference} is not on ground`);
	if (!hasResistor(netlist, base, ground)) complaints.push(`no resistor from the base of ${reference} to ground`);
	if (!hasResistor(netlist, base, findNet(netlist, board.controller, name))) {
		complaints.push(`GPIO${name} does not ask through ${reference}`);
	}
	return complaints;
}

export const requestRules: readonly Rule[] = [highSide, noBarePin, neverLow, requestsApart, offAtStart];
