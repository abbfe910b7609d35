/** Holds the wiring picture to the circuit. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findStrip, placements } from "../../tools/hardware/breadboard.js";
import { findNet, type Netlist, parseNetlist } from "../../tools/hardware/netlist.js";
import { createWiring, findHole, findPin } from "../../tools/hardware/wiring.js";
import { leftHeader, rightHeader } from "../../tools/hardware/wiring-drawing.js";
import { swapPins } from "./alterations.js";
import { findCrossedTexts, listTexts } from "./pictures.js";

const hardware = new URL("../../hardware/", import.meta.url);
const netlist = parseNetlist(readFileSync(new URL("p1-adapter.net", hardware), "utf8"));
const picture = readFileSync(new URL("wiring.svg", hardware), "utf8");

interface DrawnWire {
	readonly from: string;
	readonly to: string;
	readonly start: string;
	readonly stop: string;
}

function listDrawnWires(svg: string): DrawnWire[] {
	const paths = svg.matchAll(
		/<path d="M(\S+ \S+)[^"]*L(\S+ \S+)" class="wire"[^>]*data-from="([^"]+)" data-to="([^"]+)"/g,
	);
	return [...paths].map(([, start = "", stop = "", from = "", to = ""]) => ({ from, to, start, stop }));
}

/** What is joined in the picture, found from the drawn leads and wires and the strips of a breadboard only. */
function traceConnections(svg: string): string[][] {
	const leads = [...svg.matchAll(/data-part="([^"]+)" data-pin="([^"]+)" data-hole="([^"]+)"/g)];
	const links: [string, string][] = leads.map(([, part, pin, hole]) => [`${part}.${pin}`, findStrip(hole ?? "")]);
	const place = (name: string) => (name.includes(".") ? name : findStrip(name));
	for (const { from, to } of listDrawnWires(svg)) links.push([place(from), place(to)]);
	const groups: Set<string>[] = [];
	for (const link of links) {
		const touched = groups.filter(group => link.some(name => group.has(name)));
		const joined = new Set([...link, ...touched.flatMap(group => [...group])]);
		for (const group of touched) groups.splice(groups.indexOf(group), 1);
		groups.push(joined);
	}
	return groups.map(group => [...group].filter(name => name.includes(".")).sort()).sort();
}

/** The same from the netlist, for the parts that are placed. U1.B16 is the second ground pin of the board and needs no wire. */
function listExpected(source: Netlist): string[][] {
	const placed = [...placements.map(item => item.part), "J1", "U1"];
	const used = (pins: readonly string[]) => pins.some(pin => !/^(J1|U1)\./.test(pin));
	return source.nets
		.map(net => net.pins.map(pin => ({ ...pin, text: `${pin.part}.${pin.number}` })))
		.map(pins => pins.filter(pin => placed.includes(pin.part) && pin.text !== "U1.B16").map(pin => pin.text))
		.filter(pins => used(pins))
		.map(pins => pins.sort())
		.sort();
}

describe("the wiring picture", () => {
	it("is the one the netlist gives", () => {
		expect(createWiring(netlist)).toBe(picture);
	});

	it("joins what the netlist joins, and nothing else", () => {
		expect(traceConnections(picture)).toEqual(listExpected(netlist));
	});

	it("follows a changed netlist", () => {
		const crossed = swapPins("J1", "2", "J1", "5")(netlist);
		expect(traceConnections(createWiring(crossed))).toEqual(listExpected(crossed));
		expect(traceConnections(createWiring(crossed))).not.toEqual(listExpected(netlist));
	});

	it("refuses a layout in which two nets meet", () => {
		expect(() => createWiring(swapPins("C1", "1", "C1", "2")(netlist))).toThrow(/VBUS and .GND meet on 4lower/);
	});

	it("ends every wire on the hole or pin it names", () => {
		const wires = listDrawnWires(picture);
		expect(wires.length).toBeGreaterThan(8);
		for (const { from, to, start, stop } of wires) {
			const at = (name: string) => (name.includes(".") ? findPin(name) : findHole(name));
			expect(start).toBe(`${at(from).x} ${at(from).y}`);
			expect(stop).toBe(`${at(to).x} ${at(to).y}`);
		}
	});

	it("shows every fitted part of the adapter", () => {
		const fitted = [...netlist.parts.values()].filter(part => part.sheet === "/" && part.fitted);
		const shown = [...placements.map(item => item.part), "J1", "U1"];
		expect(fitted.map(part => part.reference).sort()).toEqual(shown.sort());
	});

	it("prints the header pins in the order of the symbol", () => {
		for (const [side, names] of [
			["B", rightHeader],
			["A", leftHeader],
		] as const) {
			const drawn = names.map((_, index) => {
				const number = `${side}${index + 1}`;
				return findNet(netlist, "U1", number).pins.find(pin => pin.part === "U1" && pin.number === number)?.name;
			});
			expect(drawn).toEqual(names);
		}
	});

	it("keeps its texts apart and on the sheet", () => {
		expect(listTexts(picture).length).toBeGreaterThan(60);
		expect(findCrossedTexts(picture)).toEqual([]);
	});
});
