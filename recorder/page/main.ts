/** The recorder's page: which meters, which time, and their graphs. */
import { card, h } from "../../page/dom.js";
import { language } from "../../page/words.js";
import { findRange, listBorders, nameRange, type Range, type RangeName, rangeNames } from "./ranges.js";
import { askBars, askFalls, askMeters, askMonths, askPoints, type Meter } from "./recorder.js";
import { showFalls, showHour, showMeter, showMonths, showTogether } from "./sections.js";
import { tell } from "./words.js";

/** How often what is under way is looked at again. */
const refreshMs = 60_000;
/** As many meters are shown side by side. */
const mostShown = 50;

let meters: Meter[] = [];
let chosen = new Set<string>();
let range: Range = findRange("day", Date.now() / 1000);
/** Counts rounds: what a later one has overtaken is not drawn. */
let round = 0;
let resized = 0;

const main = h("main");
const meterRow = h("nav", { "aria-label": tell("meters"), class: "meters" });
const rangeRow = h("nav", { "aria-label": tell("range"), class: "ranges" });
const title = h("h2", { class: "when", "aria-live": "polite" });
const graphs = h("div", { class: "grid" });

function button(text: string, pressed: boolean | null, onClick: () => void): HTMLButtonElement {
	const made = h("button", { type: "button", "aria-pressed": pressed === null ? null : String(pressed) }, text);
	made.addEventListener("click", onClick);
	return made;
}

function drawRows(): void {
	meterRow.replaceChildren(
		...meters.map(({ name }) =>
			button(name, chosen.has(name), () => {
				if (!chosen.delete(name) && chosen.size < mostShown) chosen.add(name);
				if (chosen.size === 0) chosen.add(name);
				void update();
			}),
		),
	);
	const move = (name: RangeName, steps: number) => {
		// A longer range that holds now shows now, and so does the shorter one after it.
		const now = Date.now() / 1000;
		const at = steps === 0 && now >= range.start && now < range.end ? now : range.start;
		range = findRange(name, at, steps);
		void update();
	};
	rangeRow.replaceChildren(
		button(`← ${tell("before")}`, null, () => move(range.name, -1)),
		...rangeNames.map(name => button(tell(name), name === range.name, () => move(name, 0))),
		button(`${tell("after")} →`, null, () => move(range.name, 1)),
	);
	title.textContent = nameRange(range);
}

/** Keeps the focus on the button that was pressed, which was made anew. */
function keepFocus(draw: () => void): void {
	const focused = document.activeElement;
	const row = focused?.parentElement;
	const at = row === null || row === undefined ? -1 : [...row.children].indexOf(focused!);
	draw();
	if (at >= 0 && (row === meterRow || row === rangeRow)) (row.children[at] as HTMLElement | undefined)?.focus();
}

async function update(): Promise<void> {
	round += 1;
	const own = round;
	try {
		meters = await askMeters();
		if (own !== round) return;
		if (meters.length === 0) {
			main.replaceChildren(card("wide", tell("title"), null, h("p", { class: "soft" }, tell("none"))));
			return;
		}
		const known = new Set(meters.map(({ name }) => name));
		chosen = new Set([...chosen].filter(name => known.has(name)));
		if (chosen.size === 0) chosen.add(meters[0]!.name);
		keepFocus(drawRows);
		if (main.firstChild !== meterRow) main.replaceChildren(meterRow, rangeRow, title, graphs);
		const parts = await collect();
		if (own === round) graphs.replaceChildren(...parts);
	} catch {
		if (own !== round) return;
		main.replaceChildren(card("now old", tell("title"), null, h("p", { class: "alarm", role: "alert" }, tell("lost"))));
	}
}

async function collect(): Promise<HTMLElement[]> {
	const width = Math.max(280, graphs.clientWidth - 34);
	const shown = meters.filter(({ name }) => chosen.has(name));
	const parts: HTMLElement[] = [];
	const bars = await askBars(
		shown.map(({ name }) => name),
		listBorders(range),
	);
	if (shown.length > 1) parts.push(showTogether(bars, range, width));
	for (const [at, meter] of shown.entries()) {
		if (range.name === "hour") {
			parts.push(showHour(meter, range, await askPoints(meter.name, range.start, range.end), width));
		} else parts.push(showMeter(meter, range, bars.meters[at]!.bars, width));
	}
	const [only] = shown;
	if (shown.length === 1 && only !== undefined) {
		parts.push(showMonths(await askMonths(only.name)));
		if (only.falls > 0) parts.push(showFalls(await askFalls(only.name)));
	}
	return parts;
}

document.documentElement.lang = language;
document.title = `${tell("title")} · smarty-xs`;
document.body.append(h("header", {}, h("h1", {}, tell("title"))), main);
addEventListener("resize", () => {
	clearTimeout(resized);
	resized = window.setTimeout(update, 200);
});
setInterval(() => {
	if (!document.hidden && range.end > Date.now() / 1000) void update();
}, refreshMs);
document.addEventListener("visibilitychange", () => {
	if (!document.hidden) void update();
});
void update();
