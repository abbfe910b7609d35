/** The parts of the page that change with each reading. */
import { type Child, card, h } from "./dom.js";
import { drawBars, drawPower, followPointer } from "./graph.js";
import { type Bar, listDays, listQuarters, type Point, startOfDay } from "./history.js";
import type { MeterStatus, Power, State, Status } from "./reader.js";
import { formatClock, formatDay, formatNumber, formatSpan, isWord, nameKind, say } from "./words.js";

/** All that is known of one meter. */
export interface Known {
	status: Status;
	meter: MeterStatus;
	/** Null while it is too old to be shown. */
	state: State | null;
	/** Seconds since the last reading, or null before the first. */
	age: number | null;
	/** The reader does not answer. */
	lost: boolean;
	hour: Point[];
	quarters: Point[];
}

const hourSeconds = 3_600;
/** Days that are shown, in seconds: what is older is of another life of the meter's clock. */
const longest = 31 * 86_400;

function numberOf(state: State | null, name: string): number | null {
	const value = state?.[name];
	return typeof value === "number" ? value : null;
}

/** A number and its unit, which is smaller. */
function quantity(value: number | null, digits: number, unit: string): HTMLElement {
	return h(
		"span",
		{ class: "quantity" },
		value === null ? "–" : formatNumber(value, digits),
		h("small", {}, ` ${unit}`),
	);
}

function pair(title: string, value: Child): HTMLElement {
	return h("div", {}, h("dt", {}, title), h("dd", {}, value));
}

/** How much now: the first thing that anybody asks. */
export function showNow({ state, age, lost }: Known): HTMLElement {
	const bought = numberOf(state, "active_power_import");
	const sold = numberOf(state, "active_power_export");
	const net = bought === null && sold === null ? null : (bought ?? 0) - (sold ?? 0);
	const isOld = state === null || lost;
	const direction = net === null ? "" : net > 0 ? "in" : net < 0 ? "out" : "";
	const words = net === null ? "" : say(net > 0 ? "import" : net < 0 ? "export" : "balanced");
	const late = lost ? say("lost") : age === null ? say("never") : say("stale", formatSpan(age));
	const time = age === null || isOld ? null : h("span", { class: "soft" }, say("ago", formatSpan(age)));
	return h(
		"section",
		{ class: `card now ${isOld ? "old" : direction}` },
		isOld ? h("p", { class: "alarm", role: "alert" }, late) : null,
		h("p", { class: "big" }, quantity(net === null ? null : Math.abs(net), 2, "kW")),
		h("p", { class: "direction" }, words, words !== "" && time !== null && " · ", time),
		h(
			"dl",
			{ class: "pairs" },
			pair(say("import"), quantity(bought, 2, "kW")),
			pair(say("export"), quantity(sold, 2, "kW")),
		),
	);
}

/** In the place of a meter where there is none. */
export const noMeter: MeterStatus = {
	name: "",
	label: null,
	state: "ok",
	explanation: null,
	age: null,
	telegrams: "",
	power: null,
};

/** Counters of pulses; null where there is none. */
export function showPulses({ counters }: Status): HTMLElement | null {
	if (counters.length === 0) return null;
	const rows = counters.map(({ name, power, energy }) =>
		pair(
			name,
			h("span", {}, quantity(power === null ? null : power / 1000, 2, "kW"), " · ", quantity(energy / 1000, 1, "kWh")),
		),
	);
	return card("", say("pulses"), null, h("dl", { class: "pairs" }, ...rows));
}

/** Whether all is well: the meter and how it is verified, the broker, the network, the settings. */
export function showHealth({ status, meter, state, lost }: Known): HTMLElement {
	const { network, medium, signal, broker, failure, tls, lora, problems } = status;
	const verdict = state?.verdict ?? "";
	const text = isWord(meter.state) ? say(meter.state) : meter.state;
	const isNone = meter === noMeter;
	const isGood = isNone || (meter.state === "ok" && verdict !== "" && !lost);
	const rows: [string, boolean, string][] = [
		[
			say("meter"),
			isNone || (isGood && verdict === "authenticated"),
			isNone ? "–" : isGood && isWord(verdict) ? say(verdict) : text,
		],
		[
			say("broker"),
			broker === "online",
			broker === null ? say("noBroker") : broker === "online" ? say("connected") : (failure ?? say("apart")),
		],
		[
			say("network"),
			network === "ready",
			(network === "ready" ? say("connected") : say("apart")) +
				(medium === "wifi" && signal !== null ? `, ${formatNumber(signal, 0)} dBm` : ""),
		],
	];
	// In the words of the settings and the console.
	if (tls?.key) {
		const trust = tls.pinned ? "brokerKey" : "authorities";
		rows.push(["TLS", tls.verdict === "trusted", `${tls.verdict}, ${trust}: ${tls.key}`]);
	}
	if (lora) rows.push([say("lora"), ...lora]);
	const others = problems.filter(problem => broker !== null || !problem.startsWith("broker "));
	if (others.length > 0) rows.push([say("settings"), false, others.join(" ")]);
	const isWell = rows.every(([, good], at) => good || (at === 0 && isGood) || (at === 1 && broker === null)) && !lost;
	const list = rows.map(([name, good, words]) =>
		h(
			"li",
			{ class: good ? "yes" : "no" },
			h("span", { class: "dot", "aria-hidden": "true" }, good ? "✓" : "!"),
			h("b", {}, name),
			h("span", {}, words),
		),
	);
	return card("health", say(isWell ? "well" : "unwell"), status.version.replace(/^\S+ /, ""), h("ul", {}, ...list));
}

/** The last hour, up to the newest reading or now. */
export function showHour({ hour, age }: Known, width: number): HTMLElement {
	const newest = hour.at(-1);
	if (newest === undefined) return card("wide", say("hour"), null, empty());
	const end = newest.time + (age ?? 0);
	const values = hour.filter(({ time, net }) => time > end - hourSeconds && net !== null).map(({ net }) => net! / 1000);
	const least = formatNumber(Math.min(...values), 2);
	const most = formatNumber(Math.max(...values), 2);
	const text = values.length === 0 ? "" : `${least} … ${most}`;
	const svg = drawPower(hour, end - hourSeconds, end, width, `${say("hour")}: ${text}`);
	const made = card("wide", `${say("hour")} (kW)`, text, svg, legend());
	followPointer(svg, end - hourSeconds, end, time => {
		const near = time === null ? null : findNearest(hour, time);
		const told = near?.net == null ? text : `${formatClock(near.time)} · ${formatNumber(near.net / 1000, 2)} kW`;
		made.querySelector(".aside")!.textContent = told;
	});
	return made;
}

function findNearest(points: readonly Point[], time: number): Point | null {
	let best: Point | null = null;
	for (const point of points)
		if (best === null || Math.abs(point.time - time) < Math.abs(best.time - time)) best = point;
	return best !== null && Math.abs(best.time - time) < 60 ? best : null;
}

function legend(): HTMLElement {
	return h("p", { class: "legend" }, h("i", { class: "in" }), say("import"), h("i", { class: "out" }), say("export"));
}

function empty(): HTMLElement {
	return h("p", { class: "soft" }, say("empty"));
}

/** The quarter hour under way against the class, and those of today. */
export function showQuarters({ quarters, hour, meter: { power } }: Known, width: number): HTMLElement {
	const newest = hour.at(-1) ?? quarters.at(-1);
	const since = startOfDay(newest?.time ?? Date.now() / 1000);
	const all = newest === undefined ? quarters : [...quarters.filter(({ time }) => time < newest.time), newest];
	const bars = listQuarters(all, since).filter(({ start }) => start >= since);
	const sum = (pick: (bar: Bar) => number) => formatNumber(bars.reduce((total, bar) => total + pick(bar), 0) / 1000, 1);
	const text = `${sum(bar => bar.imported)} kWh ↓ ${sum(bar => bar.exported)} kWh ↑`;
	const end = startOfDay(since + 93_600);
	const svg = drawBars(bars, [since, end], 4 / 1000, power?.class ?? null, width, 180, `${say("today")}: ${text}, kW`);
	const made = card("", say("quarter"), power === null ? null : `${say("class")} ${power.class} kW`);
	made.append(power === null ? h("p", { class: "soft" }, say("noClass")) : showClass(power));
	const head = h("h3", {}, `${say("today")} (kW)`, h("span", { class: "aside" }, text));
	made.append(head, bars.length === 0 ? empty() : svg);
	if (power !== null) made.append(showMonth(power));
	return made;
}

function showClass(power: Power): HTMLElement {
	const { quarter_power: mean, quarter_forecast: forecast } = power;
	const scale = Math.max(power.class, mean ?? 0, forecast ?? 0) * 1.15;
	const isOver = Math.max(mean ?? 0, forecast ?? 0) > power.class;
	const gauge = h("div", { class: `gauge ${isOver ? "over" : ""}`, "aria-hidden": "true" });
	const add = (name: string, value: number | undefined) => {
		if (value === undefined) return;
		const part = h("i", { class: name });
		part.style.setProperty("--share", String(Math.min(1, Math.max(0, value / scale))));
		gauge.append(part);
	};
	add("forecast", forecast);
	add("mean", mean);
	add("class", power.class);
	return h(
		"div",
		{},
		gauge,
		h(
			"dl",
			{ class: "pairs" },
			pair(say("average"), quantity(mean ?? null, 2, "kW")),
			pair(say("forecast"), quantity(forecast ?? null, 2, "kW")),
		),
	);
}

function showMonth(power: Power): HTMLElement {
	const { exceeded_today: today, exceeded_month: month, cost_month: cost, peak_month: peak, peak_time: when } = power;
	const soft = (text: string) => h("small", {}, `${text} · `);
	const row = (title: string, aside: string | null, value: HTMLElement) =>
		h("tr", {}, h("th", { scope: "row" }, title), h("td", {}, aside !== null && soft(aside), value));
	return h(
		"table",
		{ class: "facts" },
		row(`${say("today")}, ${say("above")}`, null, quantity(today, 2, "kWh")),
		row(
			`${say("month")}, ${say("above")}`,
			cost === undefined ? null : `${formatNumber(cost, 2)} €`,
			quantity(month, 2, "kWh"),
		),
		peak !== undefined &&
			row(
				`${say("month")}, ${say("peak")}`,
				when === undefined ? null : formatDay(Date.parse(when) / 1000),
				quantity(peak, 2, "kW"),
			),
	);
}

/** The days that the flash holds. */
export function showDays({ quarters, hour }: Known, width: number): HTMLElement {
	const newest = hour.at(-1);
	const all = newest === undefined ? quarters : [...quarters.filter(({ time }) => time < newest.time), newest];
	const days = listDays(all.filter(({ time }) => time > all.at(-1)!.time - longest));
	if (days.length === 0 || all.length < 2) return card("", say("days"), null, empty());
	const tell = ({ start, imported, exported }: Bar) =>
		`${formatDay(start)} · ${formatNumber(imported / 1000, 1)} kWh ↓ ${formatNumber(exported / 1000, 1)} kWh ↑`;
	const last = days.at(-1)!;
	// A few days stand at the right, and are no wider than those of a week.
	const range = [Math.min(days[0]!.start, startOfDay(last.end - 600_000)), last.end] as const;
	const svg = drawBars(
		days,
		range,
		1 / 1000,
		null,
		width,
		width > 460 ? 350 : 240,
		`${say("days")}: ${days.map(tell).join("; ")}`,
	);
	const made = card("", `${say("days")} (kWh)`, tell(last), svg, legend());
	followPointer(svg, ...range, time => {
		const day = days.find(({ start, end }) => time !== null && time >= start && time < end) ?? last;
		made.querySelector(".aside")!.textContent = tell(day);
	});
	return made;
}

/** Power, voltage and current of each phase, and how often the voltage was out of its range. */
export function showPhases({ state }: Known): HTMLElement | null {
	const lines = [1, 2, 3].map(line => {
		const of = (name: string) => numberOf(state, `${name}_l${line}`);
		const [bought, sold] = [of("active_power_import"), of("active_power_export")];
		const power = bought === null && sold === null ? null : ((bought ?? 0) - (sold ?? 0)) * 1000;
		return {
			name: `L${line}`,
			power,
			voltage: of("voltage"),
			current: of("current"),
			sags: of("voltage_sags"),
			swells: of("voltage_swells"),
		};
	});
	const known = lines.filter(({ power, voltage, current }) => power !== null || voltage !== null || current !== null);
	if (known.length === 0) return null;
	const cell = (value: number | null, digits: number) =>
		h("td", {}, value === null ? "–" : formatNumber(value, digits));
	const head = ["", `${say("power")} W`, `${say("voltage")} V`, `${say("current")} A`, say("sags"), say("swells")];
	const rows = known.map(({ name, power, voltage, current, sags, swells }) =>
		h(
			"tr",
			{},
			h("th", { scope: "row" }, name),
			cell(power, 0),
			cell(voltage, voltage !== null && voltage % 1 !== 0 ? 1 : 0),
			cell(current, current !== null && current % 1 !== 0 ? 1 : 0),
			cell(sags, 0),
			cell(swells, 0),
		),
	);
	const titles = h("tr", {}, ...head.map(text => (text === "" ? h("td") : h("th", { scope: "col" }, text))));
	const table = h("table", { class: "phases" }, h("thead", {}, titles), h("tbody", {}, ...rows));
	return card(
		"",
		say("phases"),
		null,
		h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": say("phases") }, table),
	);
}

/** The registers of the meter, and of gas, water and heat with the times at which they were read. */
export function showCounters({ state, meter }: Known): HTMLElement | null {
	const rows: [string, number, number, string, string][] = [];
	for (const [word, name] of [
		["import", "active_energy_import"],
		["export", "active_energy_export"],
	] as const) {
		const value = numberOf(state, name);
		if (value !== null) rows.push([say(word), value, 1, "kWh", ""]);
	}
	for (const { type, value, unit = "", time } of state?.devices ?? []) {
		if (value === undefined) continue;
		const at =
			time === undefined ? "" : `${formatDay(Date.parse(time) / 1000)} ${formatClock(Date.parse(time) / 1000)}`;
		rows.push([nameKind(type), value, unit === "m³" ? 2 : 1, unit, at]);
	}
	if (rows.length === 0) return null;
	const list = rows.map(([name, value, digits, unit, at]) =>
		h(
			"tr",
			{},
			h("th", { scope: "row" }, name, at !== "" && h("small", { class: "soft" }, ` ${at}`)),
			h("td", {}, quantity(value, digits, unit)),
		),
	);
	return card("", say("counters"), meter.label ?? meter.name, h("table", { class: "facts" }, ...list));
}

/** What the grid operator wrote. */
export function showMessages({ state }: Known): HTMLElement | null {
	const texts = ["message", "message_2", "message_3", "message_4", "message_5"].map(name => state?.[name]);
	const found = texts.filter(text => typeof text === "string" && text.trim() !== "");
	if (found.length === 0) return null;
	return card("", say("messages"), null, ...found.map(text => h("p", { class: "letter" }, String(text))));
}
