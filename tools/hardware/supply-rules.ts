/** Rules for the wiring of the supply. */

import { strappingPins } from "./boards.js";
import { findFarNet, findNet, listBetween, listFitted } from "./netlist.js";
import {
	describeNet,
	findBoardSupply,
	findGround,
	findJackSupply,
	findLogicSupply,
	listControllerPins,
	listJacks,
	type Rule,
} from "./rule.js";
import { parseValue, readVoltageRating } from "./values.js";

const groundJoined: Rule = {
	name: "pins 3 and 6 joined",
	check: (netlist, board) => {
		const ground = findGround(netlist, board);
		const pins = listJacks(board).flatMap(jack => ["3", "6"].map(pin => ({ jack, pin })));
		const complaints = pins
			.filter(({ jack, pin }) => findNet(netlist, jack, pin) !== ground)
			.map(({ jack, pin }) => `${jack}.${pin} is not on the ground of ${board.controller}`);
		if (findNet(netlist, board.controller, "B16") !== ground) complaints.push(`${board.controller}.B16 is not ground`);
		return complaints;
	},
};

const pinFourOpen: Rule = {
	name: "pin 4 open",
	check: (netlist, board) =>
		listJacks(board)
			.map(jack => findNet(netlist, jack, "4"))
			.filter(net => net.pins.length > 1)
			.map(net => `pin 4 is connected: ${describeNet(net)}`),
};

const batteryOpen: Rule = {
	name: "battery open",
	check: (netlist, board) => {
		const net = findNet(netlist, board.controller, "BAT");
		return net.pins.length > 1 ? [`BAT is connected: ${describeNet(net)}`] : [];
	},
};

const diode: Rule = {
	name: "diode before the board",
	check: (netlist, board) => {
		const behind = findBoardSupply(netlist, board);
		return listJacks(board).flatMap(jack => {
			const before = findJackSupply(netlist, jack);
			if (before === behind) return [`${jack}.1 is wired straight to ${board.controller}.USB`];
			const diodes = listFitted(netlist, before, "D_Schottky").filter(
				part => findNet(netlist, part.reference, "A") === before && findNet(netlist, part.reference, "K") === behind,
			);
			if (diodes.length !== 1) return [`no diode with its ring to ${board.controller}.USB behind ${jack}.1`];
			const bridge = listFitted(netlist, before).filter(
				part => part.symbol !== "D_Schottky" && findFarNet(netlist, part.reference, before) === behind,
			);
			return bridge.map(part => `${part.reference} bridges the diode behind ${jack}.1`);
		});
	},
};

/** Sum of the capacitance between a net and ground, and what is wrong with the parts that give it. */
function checkCapacitor(farads: number, volts: number, where: "USB" | "3V"): Rule["check"] {
	return (netlist, board) => {
		const net = findNet(netlist, board.controller, where);
		const parts = listBetween(netlist, net, findGround(netlist, board), "C_Polarized");
		const sum = parts.reduce((total, part) => total + parseValue(part.value), 0);
		const complaints = parts
			.filter(part => readVoltageRating(part) < volts)
			.map(part => `${part.reference} is rated for less than ${volts} V`);
		for (const part of parts) {
			if (findNet(netlist, part.reference, "1") !== net) complaints.push(`${part.reference} is the wrong way round`);
		}
		if (sum < farads * 0.999)
			complaints.push(`${(sum * 1e6).toFixed(0)} µF at ${board.controller}.${where} is too little`);
		return complaints;
	};
}

/** A 2 ms WiFi burst of 500 mA takes the 3.3 V below 3.1 V with 470 µF; 10 V because a meter may give 5.5 V. */
const bulkCapacitor: Rule = { name: "bulk capacitor", check: checkCapacitor(1000e-6, 10, "USB") };

/** Peaks above the limit of the regulator come out of this one; nothing on the 5 V side can help there. */
const localCapacitor: Rule = { name: "capacitor at 3.3 V", check: checkCapacitor(220e-6, 6.3, "3V") };

const noFiveVoltsOnPins: Rule = {
	name: "no 5 V on a GPIO",
	check: (netlist, board) => {
		const supply = findBoardSupply(netlist, board);
		const nets = [supply, ...listJacks(board).map(jack => findJackSupply(netlist, jack))];
		return nets.flatMap(net =>
			listControllerPins(net, board)
				.filter(pin => pin !== "USB")
				.map(pin => `${board.controller}.${pin} is on ${net.name}`),
		);
	},
};

const strapping: Rule = {
	name: "strapping pins free",
	check: (netlist, board) =>
		strappingPins
			.map(pin => findNet(netlist, board.controller, pin))
			.filter(net => net.pins.length > 1)
			.map(net => `a pin that selects the boot mode is used: ${describeNet(net)}`),
};

const boardsApart: Rule = {
	name: "boards apart",
	check: (netlist, board) =>
		netlist.nets
			.filter(net => net.pins.some(pin => pin.part === board.controller))
			.filter(net => net.pins.some(pin => pin.part.startsWith("U") && pin.part !== board.controller))
			.map(net => `joins two boards: ${describeNet(net)}`),
};

const suppliesApart: Rule = {
	name: "supplies apart",
	check: (netlist, board) => {
		const named = [findGround, findLogicSupply, findBoardSupply].map(find => find(netlist, board));
		const nets = [...named, ...listJacks(board).map(jack => findJackSupply(netlist, jack))];
		return new Set(nets).size === nets.length
			? []
			: ["two of ground, 3.3 V, 5 V and the supplies of the jacks are one net"];
	},
};

export const supplyRules: readonly Rule[] = [
	groundJoined,
	pinFourOpen,
	batteryOpen,
	diode,
	bulkCapacitor,
	localCapacitor,
	noFiveVoltsOnPins,
	strapping,
	boardsApart,
	suppliesApart,
];
