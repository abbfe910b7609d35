/** The netlist as lines for ngspice. */

import type { Board } from "./boards.js";
import { findNet, type Net, type Netlist, type Part } from "./netlist.js";
import { findBoardSupply, findGround, findJackSupply, findLogicSupply, listJacks } from "./rule.js";
import { parseValue, readSeriesResistance } from "./values.js";

/** The fitted parts of one board as ngspice lines. Jacks and the LOLIN D32 are left to the bench around it. */
export interface Circuit {
	readonly lines: readonly string[];
	/** The ngspice node of a pin; "0" for the ground of the board. */
	readonly findNode: (part: string, pin: string) => string;
}

export interface CircuitOptions {
	/** Keeps only what these pins lead to without passing through a supply: quicker than the whole board. */
	readonly from?: readonly { readonly part: string; readonly pin: string }[];
	/** With `from`: also the parts whose pins are all on supplies. */
	readonly supplies?: boolean;
	/** Electrolytic capacitors have this part of their value; 1 unless given. */
	readonly aged?: number;
	/** Jumper of the request line: "always" joins pins 1 and 2, "switched" pins 2 and 3. */
	readonly jumper?: "always" | "switched";
	/** Photocurrent of the phototransistor in amperes as an ngspice expression of time. */
	readonly photocurrent?: string;
}

/*
 * Models. Assumed, not measured: typical values of the makers' published models. `DBOARD` is the diode on the LOLIN D32.
 */
const models: readonly string[] = [
	".model DSCHOTTKY D(IS=31.7u RS=0.051 N=1.373 CJO=110p M=0.35 VJ=0.34 BV=40 TT=5n)",
	".model QNPN NPN(IS=2.4e-14 NF=1.008 BF=294 IKF=0.136 VAF=63 BR=7.9 VAR=26 RB=1 RE=0.47 RC=0.85 CJE=13.6p VJE=0.65 MJE=0.33 TF=0.44n CJC=3.7p VJC=0.4 MJC=0.3 TR=50n)",
	".model QPNP PNP(IS=1.1e-13 BF=170 IKF=0.7 VAF=40 BR=10 RB=5 RE=0.1 RC=0.3 CJE=60p CJC=20p TF=0.6n TR=50n)",
];

/** Parts with the fitting changed: how a variant is put together. @throws Error for an unknown reference. */
export function refit(netlist: Netlist, fit: readonly string[], leaveOut: readonly string[]): Netlist {
	const parts = new Map(netlist.parts);
	for (const reference of [...fit, ...leaveOut]) {
		const part = parts.get(reference);
		if (part === undefined) throw new Error(`refit: no part ${reference}`);
		parts.set(reference, { ...part, fitted: fit.includes(reference) });
	}
	return { parts, nets: netlist.nets };
}

/** The sheets that make up a board: its own and, for the adapter, the LED reader. */
function isOnBoard(netlist: Netlist, board: Board, part: Part): boolean {
	const sheet = netlist.parts.get(board.controller)?.sheet ?? "";
	return part.sheet === sheet || (sheet === "/" && part.sheet === "/LED reader/");
}

function listSupplies(netlist: Netlist, board: Board): Net[] {
	const named = [findGround, findLogicSupply, findBoardSupply].map(find => find(netlist, board));
	return [...named, ...listJacks(board).map(jack => findJackSupply(netlist, jack))];
}

/** The parts that some pins lead to; ground, 3.3 V and the 5 V nets are ends of the way. */
function listReachable(netlist: Netlist, board: Board, options: CircuitOptions): Set<string> {
	const supplies = listSupplies(netlist, board);
	const nets = new Set((options.from ?? []).map(({ part, pin }) => findNet(netlist, part, pin)));
	const parts = new Set<string>();
	for (const net of nets) {
		for (const { part } of supplies.includes(net) ? [] : net.pins) {
			const bench = ["P1_Jack", "LOLIN_D32"].includes(netlist.parts.get(part)?.symbol ?? "");
			if (bench || !netlist.parts.get(part)?.fitted) continue;
			parts.add(part);
			for (const next of listNets(netlist, part)) nets.add(next);
		}
	}
	for (const part of options.supplies ? netlist.parts.keys() : []) {
		if (listNets(netlist, part).every(net => supplies.includes(net))) parts.add(part);
	}
	return parts;
}

function listNets(netlist: Netlist, part: string): Net[] {
	return netlist.nets.filter(net => net.pins.some(pin => pin.part === part));
}

/** @throws Error for a part without a model. */
export function createCircuit(netlist: Netlist, board: Board, options: CircuitOptions = {}): Circuit {
	const ground = findGround(netlist, board);
	const findNode = (part: string, pin: string): string => {
		const net = findNet(netlist, part, pin);
		return net === ground
			? "0"
			: net.name
					.toLowerCase()
					.replace(/[^a-z0-9]+/g, "_")
					.replace(/^_/, "n_");
	};
	const reachable = options.from && listReachable(netlist, board, options);
	const parts = [...netlist.parts.values()]
		.filter(part => part.fitted && isOnBoard(netlist, board, part))
		.filter(part => reachable === undefined || reachable.has(part.reference));
	const lines = parts.flatMap(part => describePart(part, findNode, options));
	return { lines: [...models, ...lines], findNode };
}

function describePart(part: Part, findNode: Circuit["findNode"], options: CircuitOptions): string[] {
	const name = part.reference;
	const node = (pin: string) => findNode(name, pin);
	switch (part.symbol) {
		case "P1_Jack":
		case "LOLIN_D32":
			return [];
		case "R":
			return [`R${name} ${node("1")} ${node("2")} ${parseValue(part.value)}`];
		case "C":
			return [`C${name} ${node("1")} ${node("2")} ${parseValue(part.value)}`];
		case "C_Polarized":
			return [
				`C${name} ${node("1")} ${name}_inner ${parseValue(part.value) * (options.aged ?? 1)}`,
				`R${name}_series ${name}_inner ${node("2")} ${readSeriesResistance(part)}`,
			];
		case "D_Schottky":
			return [`D${name} ${node("A")} ${node("K")} DSCHOTTKY`];
		case "Q_NPN":
			return [`Q${name} ${node("C")} ${node("B")} ${node("E")} QNPN`];
		case "Q_PNP":
			return [`Q${name} ${node("C")} ${node("B")} ${node("E")} QPNP`];
		case "Q_Photo":
			return describePhototransistor(name, node("C"), node("E"), options.photocurrent ?? "0");
		case "Jumper_2":
			return [`R${name} ${node("1")} ${node("2")} 0.01`];
		case "Jumper_3":
			return [`R${name} ${node("2")} ${node(options.jumper === "switched" ? "3" : "1")} 0.01`];
		default:
			throw new Error(`circuit: no model for ${part.symbol} (${name})`);
	}
}

/** A current source that dies away when less than some 0.2 V are left across it. */
function describePhototransistor(name: string, collector: string, emitter: string, photocurrent: string): string[] {
	return [`B${name} ${collector} ${emitter} i=(${photocurrent})*tanh(v(${collector},${emitter})/0.1)`];
}
