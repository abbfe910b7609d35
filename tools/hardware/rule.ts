/** What a rule of the wiring is, and the nets that several rules need. */

import type { Board } from "./boards.js";
import { findNet, type Net, type Netlist } from "./netlist.js";

/** A rule of the wiring. `check` returns its complaints, none when the netlist keeps the rule. */
export interface Rule {
	readonly name: string;
	readonly check: (netlist: Netlist, board: Board) => string[];
}

export function findGround(netlist: Netlist, board: Board): Net {
	return findNet(netlist, board.controller, "B1");
}

/** The 3.3 V net: output of the regulator on the LOLIN D32. */
export function findLogicSupply(netlist: Netlist, board: Board): Net {
	return findNet(netlist, board.controller, "3V");
}

/** The 5 V net of the LOLIN D32, behind the diode. */
export function findBoardSupply(netlist: Netlist, board: Board): Net {
	return findNet(netlist, board.controller, "USB");
}

export function findJackSupply(netlist: Netlist, jack: string): Net {
	return findNet(netlist, jack, "1");
}

export function listJacks(board: Board): readonly string[] {
	return board.groups.flat();
}

/** Printed names of the pins the controller has on this net. */
export function listControllerPins(net: Net, board: Board): string[] {
	return net.pins.filter(pin => pin.part === board.controller).map(pin => pin.name);
}

export function describeNet(net: Net): string {
	return `${net.name} (${net.pins.map(pin => `${pin.part}.${pin.name || pin.number}`).join(" ")})`;
}
