/** The parts of the recorder's page. */
import { type Child, card, h } from "../../page/dom.js";
import { drawBars, drawPower, followPointer } from "../../page/graph.js";
import type { Bar } from "../../page/history.js";
import { formatClock, formatDay, formatNumber, say } from "../../page/words.js";
import { listBorders, nameRange, type Range } from "./ranges.js";
import { type Bars, csvAddress, type Fall, type Meter, type Month } from "./recorder.js";
import { formatMoment, tell } from "./words.js";

function legend(): HTMLElement {
	return h("p", { class: "legend" }, h("i", { class: "in" }), say("import"), h("i", { class: "out" }), say("export"));
}

function energies(imported: number, exported: number): string {
	return `${formatNumber(imported / 1000, 1)} kWh ↓ ${formatNumber(exported / 1000, 1)} kWh ↑`;
}

function add(bars: readonly Bar[]): { imported: number; exported: number; partial: boolean } {
	const sum = { imported: 0, exported: 0, partial: false };
	for (const { imported, exported, partial } of bars) {
		sum.imported += imported;
		sum.exported += exported;
		sum.partial ||= partial;
	}
	return sum;
}

function downloads(meter: string, range: Range): HTMLElement {
	const link = (by: "quarter" | "reading", text: string) =>
		h("a", { href: csvAddress(meter, range, by), download: `${meter}.csv` }, text);
	return h("p", { class: "links" }, link("quarter", tell("csv")), " ", link("reading", tell("csvAll")));
}

/** One meter, or all of them together: `name` is what it is called. */
function drawEnergy(
	name: string,
	range: Range,
	bars: readonly Bar[],
	limit: number | null,
	width: number,
): HTMLElement {
	const isShort = range.name === "day" || range.name === "hour";
	const sum = add(bars);
	const text = energies(sum.imported, sum.exported) + (sum.partial ? ` · ${tell("partial")}` : "");
	const label = `${name}, ${nameRange(range)}: ${text}`;
	// A quarter hour in kW, longer ones in kWh.
	const scale = isShort ? 4 / 1000 : 1 / 1000;
	const shown = isShort ? limit : null;
	const svg = drawBars(bars, [range.start, range.end], scale, shown, width, 220, label);
	if (range.name === "year") nameMonths(svg, bars, width);
	const made = card("wide", `${name} (${isShort ? "kW" : "kWh"})`, text, svg, legend());
	followPointer(svg, range.start, range.end, time => {
		const bar = time === null ? undefined : bars.find(({ start, end }) => time >= start && time < end);
		made.querySelector(".aside")!.textContent = bar === undefined ? text : tellBar(range, bar);
	});
	return made;
}

function tellBar({ name }: Range, { start, imported, exported }: Bar): string {
	const when =
		name === "year"
			? formatMoment(start, { month: "long" })
			: name === "day" || name === "hour"
				? formatClock(start)
				: formatDay(start);
	return `${when} · ${energies(imported, exported)}`;
}

/** The graph's texts are days: those of a year are months. */
function nameMonths(svg: SVGSVGElement, bars: readonly Bar[], width: number): void {
	const every = Math.ceil((bars.length * 44) / width);
	const marked = bars.filter((_, at) => (bars.length - 1 - at) % every === 0);
	svg.querySelectorAll("text[text-anchor=middle]").forEach((text, at) => {
		text.textContent = formatMoment(marked[at]!.start, { month: "short" });
	});
}

export function showMeter(meter: Meter, range: Range, bars: readonly Bar[], width: number): HTMLElement {
	const made = drawEnergy(meter.name, range, bars, meter.class, width);
	made.append(downloads(meter.name, range));
	return made;
}

/** An hour as it was measured. */
export function showHour(
	meter: Meter,
	range: Range,
	found: readonly (readonly [time: number, net: number | null])[],
	width: number,
): HTMLElement {
	const points = found.map(([time, net]) => ({ time, net, imported: null, exported: null }));
	const known = points.flatMap(({ net }) => (net === null ? [] : [net / 1000]));
	const text =
		known.length === 0
			? say("empty")
			: `${formatNumber(Math.min(...known), 2)} … ${formatNumber(Math.max(...known), 2)} kW`;
	const svg = drawPower(points, range.start, range.end, width, `${meter.name}, ${nameRange(range)}: ${text}`);
	// Paths of several graphs on one page: each has its own two halves.
	for (const clip of svg.querySelectorAll("clipPath")) clip.id = `${clip.id}-${meter.name}`;
	for (const path of svg.querySelectorAll("path")) {
		path.setAttribute("clip-path", path.getAttribute("clip-path")!.replace(")", `-${meter.name})`));
	}
	return card("wide", `${meter.name} (kW)`, text, svg, legend(), downloads(meter.name, range));
}

/** A community: the sum of its meters, and what they share. */
export function showTogether({ meters, shared }: Bars, range: Range, width: number): HTMLElement {
	const borders = listBorders(range);
	const bars = borders.slice(1).map((end, at) => {
		const sum = add(meters.map(meter => meter.bars[at]!));
		return { start: borders[at]!, end, ...sum };
	});
	const made = drawEnergy(tell("together"), range, bars, null, width);
	const { imported, exported } = add(bars);
	const pair = (title: string, value: number) =>
		h("div", {}, h("dt", {}, title), h("dd", {}, formatNumber(value / 1000, 1), h("small", {}, " kWh")));
	const list = h(
		"dl",
		{ class: "pairs" },
		pair(
			tell("shared"),
			shared.reduce((sum, [energy]) => sum + energy, 0),
		),
		pair(tell("balance"), exported - imported),
	);
	made.append(list);
	return made;
}

/** The months that are known, newest first, with the power class account. */
export function showMonths(months: readonly Month[]): HTMLElement {
	const cell = (child: Child) => h("td", {}, child);
	const number = (value: number | null | undefined, digits: number) =>
		value === null || value === undefined ? "–" : formatNumber(value, digits);
	const rows = [...months].reverse().map(({ month, imported, exported, partial, told, counted }) => {
		const used = told ?? counted;
		const about = told === null && used.exceeded !== null ? "≈ " : "";
		const when = used.peakTime === null ? "" : ` · ${formatDay(used.peakTime)}`;
		return h(
			"tr",
			{ class: partial ? "partly" : "" },
			h("th", { scope: "row" }, formatMoment(month, { month: "short", year: "numeric" })),
			cell(formatNumber(imported / 1000, 1)),
			cell(formatNumber(exported / 1000, 1)),
			cell(number(used.class, 0)),
			cell(used.exceeded === null ? "–" : about + formatNumber(used.exceeded, 2)),
			cell(number(used.cost, 2)),
			cell(used.peak === null ? "–" : `${formatNumber(used.peak, 2)}${when}`),
			cell(formatNumber(used.missing, 0)),
		);
	});
	const titles = [
		tell("month"),
		`${say("import")} kWh`,
		`${say("export")} kWh`,
		`${tell("class")} kW`,
		`${tell("above")} kWh`,
		`${tell("cost")} €`,
		`${say("peak")} kW`,
		tell("missing"),
	];
	const head = h("thead", {}, h("tr", {}, ...titles.map(text => h("th", { scope: "col" }, text))));
	const table = h("table", { class: "months" }, head, h("tbody", {}, ...rows));
	const scroll = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": tell("months") }, table);
	return card("wide", tell("months"), null, scroll);
}

export function showFalls(falls: readonly Fall[]): HTMLElement {
	const rows = falls.map(({ time, register, before, after }) =>
		h(
			"tr",
			{},
			h("th", { scope: "row" }, `${formatMoment(time, { dateStyle: "medium" })} ${formatClock(time)}`),
			h("td", {}, register),
			h("td", {}, `${formatNumber(before / 1000, 3)} → ${formatNumber(after / 1000, 3)}`),
		),
	);
	const table = h("table", { class: "falls" }, h("tbody", {}, ...rows));
	const scroll = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": tell("falls") }, table);
	return card("wide", tell("falls"), null, scroll);
}
