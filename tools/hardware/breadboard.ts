/** Where the parts are on the breadboard. */

import type { Netlist } from "./netlist.js";
import { findNet, type Net } from "./netlist.js";

/*
 * The layout on a half-size breadboard with 30 columns. What is connected to what is never said here: wires follow from
 * the netlist and from the holes that the leads are put in.
 */

/** A hole by its name: row and column such as `c8`, or rail and column such as `B-4`. */
export type Hole = string;

export type Body = "resistor" | "diode" | "electrolytic" | "ceramic" | "header";

export interface Placement {
	readonly part: string;
	readonly body: Body;
	/** Pin number of the symbol and the hole of that lead. */
	readonly leads: readonly (readonly [string, Hole])[];
	/** Where the label starts, in columns and rows of 2.54 mm from the first lead. */
	readonly label: readonly [number, number];
}

export const placements: readonly Placement[] = [
	{
		part: "D1",
		body: "diode",
		leads: [
			["2", "d4"],
			["1", "g4"],
		],
		label: [0.7, 2.8],
	},
	{
		part: "R3",
		body: "resistor",
		leads: [
			["1", "c8"],
			["2", "c12"],
		],
		label: [0.9, 1.15],
	},
	{
		part: "JP1",
		body: "header",
		leads: [
			["1", "e11"],
			["2", "e12"],
			["3", "e13"],
		],
		label: [-0.4, 1.4],
	},
	{
		part: "C1",
		body: "electrolytic",
		leads: [
			["1", "j4"],
			["2", "B-4"],
		],
		label: [-1.2, 4.8],
	},
	{
		part: "C2",
		body: "ceramic",
		leads: [
			["1", "j8"],
			["2", "B-8"],
		],
		label: [0.8, 0.3],
	},
	{
		part: "C3",
		body: "electrolytic",
		leads: [
			["1", "B+28"],
			["2", "B-28"],
		],
		label: [-1.7, 2.2],
	},
	{
		part: "R2",
		body: "resistor",
		leads: [
			["1", "g20"],
			["2", "g25"],
		],
		label: [1.5, -0.6],
	},
	{
		part: "R1",
		body: "resistor",
		leads: [
			["2", "i20"],
			["1", "B+20"],
		],
		label: [0.7, 2.4],
	},
];

/** Rails and the pin whose net they carry. */
export const rails: readonly (readonly [string, string, string])[] = [
	["T-", "U1", "B1"],
	["B-", "U1", "B1"],
	["B+", "U1", "A1"],
];

/** The two things beside the breadboard; their pins are joined to it by wires. */
export const jack = "J1";
export const controller = "U1";

export interface WireEnd {
	readonly kind: "hole" | "pin";
	/** A hole, or a pin such as `J1.5` or `U1.B11`. */
	readonly name: string;
}

export interface Wire {
	readonly net: string;
	readonly from: WireEnd;
	readonly to: WireEnd;
}

/** The metal strip of a hole: five holes of a column, or a whole rail. */
export function findStrip(hole: Hole): string {
	const rail = /^([TB][+-])\d+$/.exec(hole);
	if (rail) return rail[1] ?? "";
	return `${hole.slice(1)}${"abcde".includes(hole[0] ?? "") ? "upper" : "lower"}`;
}

/** The column of a hole, 1 to 30. */
export function findColumn(hole: Hole): number {
	return Number(/\d+$/.exec(hole)?.[0]);
}

interface Occupation {
	/** Strips of a net, in the order of the layout. */
	readonly strips: Map<Net, string[]>;
	readonly used: Set<Hole>;
}

/** @throws Error when two nets meet on one strip: a short in the layout. */
function occupy(netlist: Netlist): Occupation {
	const owners = new Map<string, Net>();
	const used = new Set<Hole>();
	const claim = (strip: string, net: Net) => {
		const owner = owners.get(strip) ?? net;
		if (owner !== net) throw new Error(`breadboard: ${owner.name} and ${net.name} meet on ${strip}`);
		owners.set(strip, net);
	};
	for (const { part, leads } of placements) {
		for (const [pin, hole] of leads) {
			if (used.has(hole)) throw new Error(`breadboard: two leads in ${hole}`);
			used.add(hole);
			claim(findStrip(hole), findNet(netlist, part, pin));
		}
	}
	for (const [rail, part, pin] of rails) claim(rail, findNet(netlist, part, pin));
	const strips = new Map<Net, string[]>();
	for (const [strip, net] of owners) strips.set(net, [...(strips.get(net) ?? []), strip]);
	return { strips, used };
}

/** A free hole of a strip: of a rail the one nearest to a column, of a column the first in this order of rows. */
function takeHole(strip: string, used: Set<Hole>, column: number, rows: string): Hole {
	const isRail = /^[TB]/.test(strip);
	const columns = Array.from({ length: 30 }, (_, index) => index + 1);
	const nearest = columns.sort((first, second) => Math.abs(first - column) - Math.abs(second - column));
	const own = [...rows].map(row => `${row}${Number.parseInt(strip, 10)}`).filter(hole => findStrip(hole) === strip);
	const hole = (isRail ? nearest.map(item => `${strip}${item}`) : own).find(item => !used.has(item));
	if (hole === undefined) throw new Error(`breadboard: no free hole on ${strip}`);
	used.add(hole);
	return hole;
}

function findStripColumn(strip: string, column: number): number {
	return /^[TB]/.test(strip) ? column : Number.parseInt(strip, 10);
}

/**
 * The wires that the netlist asks for: from every used pin beside the breadboard to a strip of its net, and between the strips of
 * one net.
 * @param columns the column that each pin beside the breadboard is nearest to, by the name of the pin.
 * @throws Error when a pin has no strip to go to.
 */
export function listWires(netlist: Netlist, columns: ReadonlyMap<string, number>): Wire[] {
	const { strips, used } = occupy(netlist);
	const wires: Wire[] = [];
	for (const [net, own] of strips) {
		for (const pin of net.pins.filter(item => item.part === jack || item.part === controller)) {
			const name = `${pin.part}.${pin.number}`;
			const column = columns.get(name) ?? 0;
			if (pin.number === "B16") continue;
			const above = pin.part === jack;
			const strip = pickStrip(own, column, above);
			const hole = takeHole(strip, used, column, above ? "abcdefghij" : pin.number.startsWith("B") ? "jihgf" : "hijfg");
			wires.push({ net: net.name, from: { kind: "pin", name }, to: { kind: "hole", name: hole } });
		}
		for (const [index, strip] of own.slice(1).entries()) {
			const before = own[index] ?? "";
			const column = /^[TB]/.test(before) && /^[TB]/.test(strip) ? 30 : findStripColumn(before, 30);
			const from = takeHole(before, used, column, "bfcghdije");
			const to = takeHole(strip, used, column, "bfcghdije");
			wires.push({ net: net.name, from: { kind: "hole", name: from }, to: { kind: "hole", name: to } });
		}
	}
	return wires;
}

/** The strip nearest to a column; from above the upper half comes first, from below the lower half and its rails. */
function pickStrip(strips: readonly string[], column: number, above: boolean): string {
	const cost = (strip: string) => {
		const far = above === (strip.endsWith("lower") || strip.startsWith("B")) ? 100 : 0;
		return far + Math.abs(findStripColumn(strip, column) - column);
	};
	const best = [...strips].sort((first, second) => cost(first) - cost(second))[0];
	if (best === undefined) throw new Error("breadboard: a net without a strip");
	return best;
}
