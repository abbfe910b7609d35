/** Holds the drawings to the circuit. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createBill } from "../../tools/hardware/bill.js";
import { createCable } from "../../tools/hardware/cable.js";
import { createFingerprints, fingerprints } from "../../tools/hardware/fingerprints.js";
import { parseNetlist } from "../../tools/hardware/netlist.js";
import { findCrossedTexts, listTexts } from "./pictures.js";

const hardware = new URL("../../hardware/", import.meta.url);
const netlist = parseNetlist(readFileSync(new URL("p1-adapter.net", hardware), "utf8"));
const sheets = ["schematic.svg", "led-reader.svg", "three-meters.svg", "six-meters.svg"];

describe.each(sheets)("%s", name => {
	const picture = readFileSync(new URL(name, hardware), "utf8");

	it("keeps its texts apart and on the sheet", () => {
		expect(listTexts(picture).length).toBeGreaterThan(40);
		expect(findCrossedTexts(picture)).toEqual([]);
	});
});

describe("cable.svg", () => {
	const picture = readFileSync(new URL("cable.svg", hardware), "utf8");

	it("is the one the netlist gives", () => {
		expect(createCable(netlist)).toBe(picture);
	});

	it("keeps its texts apart and on the sheet", () => {
		expect(listTexts(picture).length).toBeGreaterThan(30);
		expect(findCrossedTexts(picture)).toEqual([]);
	});
});

describe("the committed drawing", () => {
	it("is the one the other files were derived from", () => {
		expect(readFileSync(new URL(fingerprints, hardware), "utf8")).toBe(createFingerprints(hardware));
	});

	it("is shown whole: every part and every named net is in a picture", () => {
		const texts = new Set(
			sheets.flatMap(name => listTexts(readFileSync(new URL(name, hardware), "utf8")).map(item => item.content)),
		);
		const parts = [...netlist.parts.keys()];
		const nets = netlist.nets
			.map(net => net.name.split("/").pop() ?? "")
			.filter(name => !/^(Net-|unconnected-)/.test(name));
		expect(parts.filter(name => !texts.has(name))).toEqual([]);
		expect(nets.filter(name => !texts.has(name))).toEqual([]);
	});

	it("gives every part a value, a rating and, where it is a variant, the name of the variant", () => {
		for (const part of netlist.parts.values()) {
			expect(part.value, part.reference).not.toBe("");
			expect(part.fields.get("Rating"), part.reference).toMatch(/\S/);
			expect(part.fields.has("Variant"), part.reference).toBe(!part.fitted);
		}
	});

	it("has the same parts in the bill of materials", () => {
		const bill = readFileSync(new URL("bom.csv", hardware), "utf8");
		expect(bill).toBe(createBill(netlist));
		const references = bill
			.split("\n")
			.slice(1, -1)
			.flatMap(line => line.split(",")[1]?.split(" ") ?? []);
		expect(references.sort()).toEqual([...netlist.parts.keys()].sort());
	});

	it("says nothing of the machine it was exported on", () => {
		for (const name of [...sheets, "p1-adapter.net", "schematic.pdf"]) {
			expect(readFileSync(new URL(name, hardware), "latin1"), name).not.toMatch(/\/(home|tmp|root)\//);
		}
	});
});
