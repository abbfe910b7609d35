/** Shapes of the breadboard picture. */

import { controller, jack, type Wire } from "./breadboard.js";
import { findNet, type Netlist } from "./netlist.js";

/** A point in pixels. */
export interface Point {
	readonly x: number;
	readonly y: number;
}

/** 2.54 mm in pixels. */
export const pitch = 20;

/** Printed names along the headers of the LOLIN D32 V1.0.0, from the antenna end. */
export const rightHeader = "GND 23 22 TX RX 21 19 18 5 17 16 4 0 2 15 GND".split(" ");
export const leftHeader = "3V RS VP VN 34 32 33 25 26 27 14 12 13 EN USB BAT".split(" ");

const colours: readonly (readonly [string, string, string])[] = [
	["/P1_5V", "#d62828", "red: 5 V of the meter"],
	["/VBUS", "#f08c00", "orange: 5 V behind D1"],
	["/3V3", "#9c36b5", "violet: 3.3 V"],
	["/GND", "#222222", "black: ground"],
	["/DATA", "#2b8a3e", "green: data of the meter"],
	["/RX", "#1971c2", "blue: data at GPIO16"],
	["/REQUEST", "#846358", "brown: request"],
];

export function findColour(net: string): string {
	return colours.find(([name]) => name === net)?.[1] ?? "#e64980";
}

export function text(content: string, { x, y }: Point, style: string, anchor = "start"): string {
	return `<text x="${x}" y="${y}" class="${style}" text-anchor="${anchor}">${content}</text>`;
}

export function circle({ x, y }: Point, radius: number, fill: string): string {
	return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
}

/** The breakout board of the jack, pins 1 to 6 from the left. */
export function drawJack(netlist: Netlist, findPin: (name: string) => Point): string {
	const pins = [1, 2, 3, 4, 5, 6].map(number => {
		const { x, y } = findPin(`${jack}.${number}`);
		const pin = findNet(netlist, jack, String(number)).pins.find(
			item => item.part === jack && item.number === String(number),
		);
		const name = (pin?.name ?? "").replace("_", " ");
		return [
			circle({ x, y }, 6, "#c9a227"),
			text(String(number), { x, y: y - 14 }, "label", "middle"),
			text(name, { x, y: y - 32 }, "pin", "middle"),
		].join("\n");
	});
	const { x } = findPin(`${jack}.1`);
	return [
		`<rect x="${x - 50}" y="70" width="500" height="132" rx="8" fill="#e6efe0" class="body"/>`,
		`<rect x="${x + 130}" y="78" width="140" height="54" rx="4" fill="#f7f7f7" class="body"/>`,
		text("RJ12 jack 6P6C", { x: x + 200, y: 109 }, "note", "middle"),
		text(`${jack}: breakout board`, { x: x - 40, y: 92 }, "small"),
		...pins,
	].join("\n");
}

/** The jack from the front, where the plug goes in. */
export function drawFront({ x, y }: Point): string {
	const contacts = [0, 1, 2, 3, 4, 5].map(
		index =>
			`<rect x="${x + 37 + index * 20}" y="${y + 28}" width="8" height="30" fill="#c9a227"/>` +
			text(String(index + 1), { x: x + 41 + index * 20, y: y + 74 }, "small", "middle"),
	);
	return [
		text("Jack from the front, latch below", { x, y: y + 4 }, "note"),
		`<path d="M${x + 20} ${y + 18} h142 v76 h-46 v14 h-50 v-14 h-46 Z" fill="#f7f7f7" class="body"/>`,
		...contacts,
		text("Pin 1 is left (derived: measure it).", { x, y: y + 128 }, "note"),
	].join("\n");
}

export function drawBreadboard(findHole: (hole: string) => Point): string {
	const first = findHole("T-1");
	const last = findHole("B+30");
	const names = ["T-", "T+", ..."abcdefghij", "B-", "B+"];
	const dots = names.flatMap(row => Array.from({ length: 30 }, (_, index) => findHole(`${row}${index + 1}`)));
	const rails = ["T-", "T+", "B-", "B+"].map(rail => {
		const { y } = findHole(`${rail}1`);
		return text(rail[1] === "-" ? "−" : "+", { x: first.x - 20, y: y + 5 }, "small", "middle");
	});
	const letters = [..."abcdefghij"].map(row =>
		text(row, { x: last.x + 16, y: findHole(`${row}1`).y + 4 }, "small", "middle"),
	);
	const above = (findHole("T+1").y + findHole("a1").y) / 2;
	const numbers = [1, 6, 10, 15, 25, 30].map(column =>
		text(String(column), { x: findHole(`a${column}`).x, y: above + 4 }, "pin", "middle"),
	);
	return [
		`<rect x="${first.x - 34}" y="${first.y - 20}" width="${last.x - first.x + 84}" height="${last.y - first.y + 40}" rx="6" fill="#f4f1e8" class="body"/>`,
		`<path d="${dots.map(({ x, y }) => `M${x} ${y}h0`).join("")}" stroke="#b5b0a2" stroke-width="6" stroke-linecap="round"/>`,
		...rails,
		...letters,
		...numbers,
	].join("\n");
}

export function drawController(findPin: (name: string) => Point): string {
	const corner = findPin(`${controller}.B1`);
	const low = findPin(`${controller}.A1`).y;
	const pins = (side: "A" | "B", names: readonly string[], shift: number) =>
		names.map((name, index) => {
			const point = findPin(`${controller}.${side}${index + 1}`);
			return circle(point, 5, "#c9a227") + text(name, { x: point.x, y: point.y + shift }, "tiny", "middle");
		});
	return [
		`<rect x="${corner.x - 56}" y="${corner.y - 14}" width="450" height="${low - corner.y + 28}" rx="6" fill="#dbe9f6" class="body"/>`,
		`<rect x="${corner.x - 46}" y="${corner.y + 40}" width="150" height="100" fill="#c8ccd0" class="body"/>`,
		text("ESP32 module", { x: corner.x + 29, y: corner.y + 95 }, "note", "middle"),
		text(`${controller}: LOLIN D32`, { x: corner.x + 205, y: corner.y + 80 }, "note", "middle"),
		text("no LiPo on P1 power", { x: corner.x + 205, y: corner.y + 104 }, "small", "middle"),
		`<rect x="${corner.x + 344}" y="${corner.y + 34}" width="50" height="42" fill="#c8ccd0" class="body"/>`,
		text("USB", { x: corner.x + 369, y: corner.y + 59 }, "small", "middle"),
		`<rect x="${corner.x + 354}" y="${corner.y + 96}" width="40" height="50" fill="#f7f7f7" class="body"/>`,
		text("LiPo", { x: corner.x + 374, y: corner.y + 125 }, "pin", "middle"),
		...pins("B", rightHeader, 20),
		...pins("A", leftHeader, -12),
	].join("\n");
}

/** The legend, for the colours that occur. */
export function describeColours(wires: readonly Wire[], { x, y }: Point): string {
	const used = colours.filter(([net]) => wires.some(wire => wire.net === net));
	return used
		.map(([, colour, meaning], index) => {
			const line = y + index * 24;
			return (
				`<path d="M${x} ${line} h36" class="wire" stroke="${colour}"/>` +
				text(meaning, { x: x + 50, y: line + 5 }, "note")
			);
		})
		.join("\n");
}
