/** The picture of the cable. */

import { jack } from "./breadboard.js";
import { findNet, type Netlist } from "./netlist.js";
import { drawFront, text } from "./wiring-drawing.js";

const meaning: Readonly<Record<string, string>> = {
	"1": "5 V, out of the meter, at most 250 mA",
	"2": "request: 4 V to 5.5 V asks, open is silent",
	"3": "ground of data and request",
	"4": "not connected",
	"5": "data: open collector, rests LOW",
	"6": "ground of the 5 V",
};

/** Both ends of the cable and what each pin is, as SVG. */
export function createCable(netlist: Netlist): string {
	const lines = ["1", "2", "3", "4", "5", "6"].map((number, index) => {
		const pin = findNet(netlist, jack, number).pins.find(item => item.part === jack && item.number === number);
		const y = 230 + index * 30;
		return [
			text(number, { x: 60, y }, "label", "middle"),
			text((pin?.name ?? "").replace("_", " "), { x: 90, y }, "label"),
			`<path d="M210 ${y - 5} h160" stroke="${number === "4" ? "#bbbbbb" : "#1971c2"}" stroke-width="3"/>`,
			text(number, { x: 400, y }, "label", "middle"),
			text(meaning[number] ?? "", { x: 430, y }, "note"),
		].join("\n");
	});
	return [
		'<svg xmlns="http://www.w3.org/2000/svg" width="800" height="460" viewBox="0 0 800 460" font-family="DejaVu Sans, Arial, sans-serif">',
		"<title>Pins of the P1 port at both ends of the cable</title>",
		"<style>.body{stroke:#222222;stroke-width:1}.label{font-size:14px;font-weight:bold}.note{font-size:14px}.small{font-size:12px}</style>",
		'<rect width="800" height="460" fill="#ffffff"/>',
		text("Meter, under the green cover", { x: 40, y: 30 }, "label"),
		drawFront({ x: 40, y: 54 }),
		text("Adapter", { x: 420, y: 30 }, "label"),
		drawFront({ x: 420, y: 54 }),
		...lines,
		text("The cable is 6P6C and straight: pin 1 to pin 1.", { x: 40, y: 422 }, "note"),
		text("A telephone cord is mostly crossed (1 to 6) or has four wires only.", { x: 40, y: 444 }, "note"),
		"</svg>\n",
	].join("\n");
}
