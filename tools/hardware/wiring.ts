/** The breadboard picture, with its wires from the netlist. */

import { type Body, controller, findColumn, type Hole, jack, listWires, placements, type Wire } from "./breadboard.js";
import type { Netlist } from "./netlist.js";
import {
	circle,
	describeColours,
	drawBreadboard,
	drawController,
	drawFront,
	drawJack,
	findColour,
	type Point,
	pitch,
	text,
} from "./wiring-drawing.js";

const left = 100;
const rows: ReadonlyMap<string, number> = new Map([
	["T-", 250],
	["T+", 270],
	...[..."abcde"].map((row, index) => [row, 305 + index * pitch] as const),
	...[..."fghij"].map((row, index) => [row, 445 + index * pitch] as const),
	["B-", 560],
	["B+", 580],
]);

export function findHole(hole: Hole): Point {
	const row = hole.slice(0, hole.length - String(findColumn(hole)).length);
	return { x: left + findColumn(hole) * pitch, y: rows.get(row) ?? Number.NaN };
}

/** Header rows of the LOLIN D32, antenna to the left: B1 to B16 above, A1 to A16 below. */
const headerColumn = 15;
const headerTop = 720;
const headerBottom = headerTop + 9 * pitch;
const jackTop = 190;

/** The place of a pin beside the breadboard, such as `J1.5` or `U1.B11`. */
export function findPin(name: string): Point {
	const [part, number = ""] = name.split(".");
	if (part === jack) return { x: left + Number(number) * 4 * pitch, y: jackTop };
	const index = Number(number.slice(1)) - 1;
	return { x: left + (headerColumn + index) * pitch, y: number.startsWith("B") ? headerTop : headerBottom };
}

function listPinColumns(): Map<string, number> {
	const columns = new Map<string, number>();
	for (let pin = 1; pin <= 6; pin++) columns.set(`${jack}.${pin}`, pin * 4);
	for (let pin = 1; pin <= 16; pin++) {
		columns.set(`${controller}.B${pin}`, headerColumn + pin - 1);
		columns.set(`${controller}.A${pin}`, pin < 8 ? 11 : 0);
	}
	return columns;
}

/** The corners of a wire. Pins of the lower header leave downwards and go around the left side of the board. */
function routeWire(wire: Wire, lane: number): Point[] {
	const to = findHole(wire.to.name);
	if (wire.from.kind === "hole") return routeLink(findHole(wire.from.name), to);
	const from = findPin(wire.from.name);
	if (from.y === headerBottom) {
		const nearer = Number(wire.from.name.slice(4)) < 8;
		const below = headerBottom + (nearer ? 2 : 3) * pitch;
		const side = nearer ? to.x : left - 2 * pitch;
		return [from, { x: from.x, y: below }, { x: side, y: below }, { x: side, y: to.y }, to];
	}
	if (from.x === to.x) return [from, to];
	const middle = from.y === jackTop ? jackTop + 12 + lane * 8 : headerTop - 40 - lane * 10;
	return [from, { x: from.x, y: middle }, { x: to.x, y: middle }, to];
}

/** A link between two strips: straight in a row, around the right edge between two rails, else with one corner. */
function routeLink(from: Point, to: Point): Point[] {
	if (from.y === to.y) return [from, to];
	const side = left + 32 * pitch;
	if (from.x === to.x) return [from, { x: side, y: from.y }, { x: side, y: to.y }, to];
	return [from, { x: to.x, y: from.y }, to];
}

function drawWire(wire: Wire, lane: number): string {
	const points = routeWire(wire, lane).filter((point, index, all) => {
		const before = all[index - 1];
		return before === undefined || before.x !== point.x || before.y !== point.y;
	});
	const path = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join(" ");
	const colour = findColour(wire.net);
	const data = `data-net="${wire.net}" data-from="${wire.from.name}" data-to="${wire.to.name}"`;
	return [
		`<path d="${path}" class="halo"/>`,
		`<path d="${path}" class="wire" stroke="${colour}" ${data}/>`,
		...[points[0], points[points.length - 1]].map(point => (point ? circle(point, 4, colour) : "")),
	].join("\n");
}

const bodies: Readonly<Record<Body, (from: Point, to: Point) => string>> = {
	resistor: (from, to) => drawBar(from, to, 46, 16, "#d9b38c"),
	diode: (from, to) => drawBar(from, to, 40, 18, "#333333", "#e8e8e8"),
	ceramic: (from, to) => drawBar(from, to, 18, 26, "#e08a1e"),
	electrolytic: drawCan,
	header: (from, to) =>
		`<rect x="${from.x - 9}" y="${from.y - 9}" width="${to.x - from.x + 18}" height="18" fill="#333333"/>` +
		`<rect x="${from.x - 7}" y="${from.y - 7}" width="${pitch + 14}" height="14" rx="3" fill="#2f6fde"/>`,
};

/** A body with a lead at each end; the ring is at the side of the second lead. */
function drawBar(from: Point, to: Point, length: number, width: number, fill: string, ring = ""): string {
	const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
	const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
	const mark = ring && `<rect x="${length / 2 - 9}" y="${-width / 2}" width="5" height="${width}" fill="${ring}"/>`;
	return (
		`<path d="M${from.x} ${from.y} L${to.x} ${to.y}" class="lead"/>` +
		`<g transform="translate(${middle.x} ${middle.y}) rotate(${angle.toFixed(1)})">` +
		`<rect x="${-length / 2}" y="${-width / 2}" width="${length}" height="${width}" rx="4" fill="${fill}" class="body"/>${mark}</g>`
	);
}

/** A can from above: the bright stripe is at the side of the second lead, minus. */
function drawCan(from: Point, to: Point): string {
	const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
	const radius = Math.abs(to.y - from.y) > pitch ? 36 : 26;
	const down = to.y > from.y ? 1 : -1;
	const edge = radius * 0.8;
	const stripe = `M${middle.x - edge} ${middle.y + down * radius * 0.6} A${radius} ${radius} 0 0 ${down > 0 ? 0 : 1} ${middle.x + edge} ${middle.y + down * radius * 0.6} Z`;
	return (
		`<circle cx="${middle.x}" cy="${middle.y}" r="${radius}" fill="#3d5a80" class="body"/><path d="${stripe}" fill="#dfe6ee"/>` +
		`<path d="M${middle.x - radius * 0.55 - 5} ${middle.y - down * radius * 0.35} h10 m-5 -5 v10" stroke="#ffffff" stroke-width="2" fill="none"/>`
	);
}

function drawPart(netlist: Netlist, { part, body, leads, label }: (typeof placements)[number]): string {
	const holes = leads.map(([, hole]) => findHole(hole));
	const [first] = holes;
	const last = holes[holes.length - 1];
	if (first === undefined || last === undefined) return "";
	const marks = leads.map(([pin, hole]) => {
		const { x, y } = findHole(hole);
		return `<circle cx="${x}" cy="${y}" r="3.5" fill="#777777" data-part="${part}" data-pin="${pin}" data-hole="${hole}"/>`;
	});
	const value = body === "header" ? "jumper on 1-2" : (netlist.parts.get(part)?.value ?? "");
	const at = { x: first.x + label[0] * pitch, y: first.y + label[1] * pitch };
	return [bodies[body](first, last), ...marks, text(`${part} ${value}`, at, "label")].join("\n");
}

/** The picture for people who use a breadboard, as SVG. Wires and colours follow from the netlist. */
export function createWiring(netlist: Netlist): string {
	const wires = listWires(netlist, listPinColumns());
	return [
		'<svg xmlns="http://www.w3.org/2000/svg" width="1020" height="990" viewBox="0 0 1020 990" font-family="DejaVu Sans, Arial, sans-serif">',
		"<title>smarty-xs P1 adapter on a breadboard</title>",
		"<style>.wire{fill:none;stroke-width:5;stroke-linejoin:round;stroke-linecap:round}.halo{fill:none;stroke:#ffffff;stroke-width:9}" +
			".lead{stroke:#888888;stroke-width:3;fill:none}.body{stroke:#222222;stroke-width:1}.title{font-size:22px;font-weight:bold}" +
			".label{font-size:14px;font-weight:bold;paint-order:stroke;stroke:#f4f1e8;stroke-width:4px}.note{font-size:14px}.small{font-size:12px}.pin{font-size:11px}.tiny{font-size:9px}</style>",
		'<rect width="1020" height="990" fill="#ffffff"/>',
		text("P1 adapter on a breadboard: one meter, no variants", { x: 30, y: 40 }, "title"),
		drawJack(netlist, findPin),
		drawFront({ x: 690, y: 70 }),
		drawBreadboard(findHole),
		drawController(findPin),
		...placements.map(placement => drawPart(netlist, placement)),
		...wires.map((wire, index) => drawWire(wire, index)),
		describeColours(wires, { x: 765, y: 270 }),
		"</svg>\n",
	].join("\n");
}
