/** Rules for the wiring of the data lines. */

import type { Board } from "./boards.js";
import { findFarNet, findNet, listBetween, listFitted, type Net, type Netlist } from "./netlist.js";
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
import { parseValue } from "./values.js";

/** DSMR P1 5.0.2 chapter 5.7.2: no more than 5 mA into the meter's transistor. */
const allowedCurrent = 5e-3;
/** 3.3 V plus 5 %, and a resistor 1 % below its value. */
const highestSupply = 3.465;
const lowestResistance = 0.99;

/** The data net of each group of jacks, in the order of the groups. */
export function listDataNets(netlist: Netlist, board: Board): Net[] {
	return board.groups.map(group => findNet(netlist, group[0] ?? "", "5"));
}

const dataGroups: Rule = {
	name: "data lines grouped",
	check: (netlist, board) => {
		const nets = listDataNets(netlist, board);
		const complaints = new Set(nets).size === nets.length ? [] : ["two UARTs share a data line"];
		for (const [index, group] of board.groups.entries()) {
			for (const jack of group.filter(item => findNet(netlist, item, "5") !== nets[index])) {
				complaints.push(`${jack}.5 is not on ${nets[index]?.name}`);
			}
			if (group.length > 3) complaints.push("more than three meters share a data line");
		}
		return complaints;
	},
};

/** J.5 → one resistor → the receive GPIO, and nothing else that is fitted at the GPIO. */
const dataPath: Rule = {
	name: "data to the receive pin",
	check: (netlist, board) =>
		listDataNets(netlist, board).flatMap((data, index) => {
			const name = board.receivePins[index] ?? "";
			const receive = findNet(netlist, board.controller, name);
			if (receive === data) return [`no resistor between ${data.name} and GPIO${name}`];
			const through = listBetween(netlist, data, receive, "R");
			if (through.length !== 1) return [`not one resistor between ${data.name} and GPIO${name}`];
			const complaints: string[] = [];
			const ohms = parseValue(through[0]?.value ?? "");
			if (ohms < 470 || ohms > 2200) complaints.push(`${through[0]?.reference} is ${ohms} Ω, not 470 Ω to 2.2 kΩ`);
			const others = listFitted(netlist, receive).filter(
				part => part.reference !== board.controller && part !== through[0],
			);
			for (const part of others) complaints.push(`${part.reference} is also at GPIO${name}`);
			if (listControllerPins(receive, board).length !== 1) complaints.push(`two pins on ${describeNet(receive)}`);
			return complaints;
		}),
};

const pullUp: Rule = {
	name: "one pull-up to 3.3 V",
	check: (netlist, board) =>
		listDataNets(netlist, board).flatMap(data => {
			const parts = listBetween(netlist, data, findLogicSupply(netlist, board), "R");
			if (parts.length !== 1) return [`${parts.length} pull-ups to 3.3 V on ${data.name}`];
			const ohms = parseValue(parts[0]?.value ?? "");
			return ohms < 1000 || ohms > 2200 ? [`pull-up ${parts[0]?.reference} is ${ohms} Ω, not 1 kΩ to 2.2 kΩ`] : [];
		}),
};

const noPullUpToFiveVolts: Rule = {
	name: "no pull-up to 5 V",
	check: (netlist, board) => {
		const supplies = [findBoardSupply(netlist, board), ...listJacks(board).map(jack => findJackSupply(netlist, jack))];
		return listDataNets(netlist, board).flatMap(data =>
			listFitted(netlist, data)
				.filter(part => part.symbol !== "P1_Jack" && supplies.includes(findFarNet(netlist, part.reference, data)))
				.map(part => `${part.reference} pulls ${data.name} to 5 V`),
		);
	},
};

const dataCurrent: Rule = {
	name: "data current up to 5 mA",
	check: (netlist, board) =>
		listDataNets(netlist, board)
			.map(data => ({ data, amperes: findDataCurrent(netlist, board, data) }))
			.filter(({ amperes }) => amperes > allowedCurrent)
			.map(({ data, amperes }) => `${(amperes * 1e3).toFixed(2)} mA into the meter on ${data.name}`),
};

/** Largest current in amperes that the fitted resistors send into a meter which holds this line at 0 V. */
export function findDataCurrent(netlist: Netlist, board: Board, data: Net): number {
	const supplies = new Map([
		[findLogicSupply(netlist, board), highestSupply],
		[findBoardSupply(netlist, board), 5.5],
		...listJacks(board).map(jack => [findJackSupply(netlist, jack), 5.5] as const),
	]);
	return listFitted(netlist, data, "R").reduce((sum, part) => {
		const volts = supplies.get(findFarNet(netlist, part.reference, data)) ?? 0;
		return sum + volts / (parseValue(part.value) * lowestResistance);
	}, 0);
}

const dataFree: Rule = {
	name: "nothing else on the data line",
	check: (netlist, board) =>
		listDataNets(netlist, board).flatMap(data => {
			const ground = findGround(netlist, board);
			const complaints = listControllerPins(data, board).map(pin => `GPIO${pin} is straight on ${data.name}`);
			const load = listFitted(netlist, data).filter(
				part => part.symbol !== "P1_Jack" && findFarNet(netlist, part.reference, data) === ground,
			);
			return [...complaints, ...load.map(part => `${part.reference} loads ${data.name}`)];
		}),
};

export const dataRules: readonly Rule[] = [dataGroups, dataPath, pullUp, noPullUpToFiveVolts, dataCurrent, dataFree];
