/** What the page may ask for, as JSON or text. Everything is read only. */
import { type Bar, countAbove, shareQuarters, sumBars } from "./bars.js";
import { makeCsv } from "./csv.js";
import { quarterSeconds } from "./database.js";
import { isName } from "./message.js";
import { listMonths, type MeterInfo, type Queries } from "./queries.js";
import type { Report } from "./sink.js";

/** What one answer may cover: bars, meters side by side, and seconds at full resolution. */
const mostBars = 3_000;
const mostMeters = 50;
const longestPoints = 2 * 86_400;

export type Answer =
	| { status: 200; type: string; body: string | Iterable<string>; name?: string }
	| { status: 400 | 404; text: string };

/** `query` as it came; `report` are the recorder's own counts. Null for a path that is none. */
export function answer(queries: Queries, path: string, query: URLSearchParams, report: () => Report): Answer | null {
	switch (path) {
		case "/meters":
			return json(queries.listMeters());
		case "/status":
			return json(report());
		case "/metrics":
			return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: formatMetrics(report()) };
		case "/healthz":
			return { status: 200, type: "text/plain; charset=utf-8", body: "ok\n" };
		case "/bars":
			return answerBars(queries, query);
		case "/points":
			return answerPoints(queries, query);
		case "/months":
			return withMeter(queries, query, meter => json(listAccounts(queries, meter)));
		case "/falls":
			return withMeter(queries, query, ({ id }) => json(queries.listFalls(id)));
		case "/csv":
			return answerCsv(queries, query);
		default:
			return null;
	}
}

function json(value: unknown): Answer {
	return { status: 200, type: "application/json", body: JSON.stringify(value) };
}

function wrong(text: string): Answer {
	return { status: 400, text };
}

/** Seconds since 1970, or null. */
function readSeconds(text: string | null): number | null {
	return text !== null && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

function withMeter(queries: Queries, query: URLSearchParams, then: (meter: MeterInfo) => Answer): Answer {
	const name = query.get("meter") ?? "";
	const found = isName(name) ? queries.listMeters().find(meter => meter.name === name) : undefined;
	return found === undefined ? { status: 404, text: "no such meter" } : then(found);
}

/** The time from `from` to `to`, or what is wrong with it. */
function readRange(query: URLSearchParams): [from: number, to: number] | null {
	const [from, to] = [readSeconds(query.get("from")), readSeconds(query.get("to"))];
	return from === null || to === null || from >= to ? null : [from, to];
}

function answerPoints(queries: Queries, query: URLSearchParams): Answer {
	const range = readRange(query);
	if (range === null || range[1] - range[0] > longestPoints) return wrong("from and to: seconds, two days at most");
	return withMeter(queries, query, ({ id }) =>
		json(queries.readPoints(id, ...range).map(({ time, net }) => [time, net])),
	);
}

/**
 * `borders`: UTC in seconds, by commas; `meter` once or more. For each meter its bars as `[Wh in, Wh out, partial]`, and of all together
 * what one delivered while another drew it: `[Wh, quarter hours that are not known of every meter]`.
 */
function answerBars(queries: Queries, query: URLSearchParams): Answer {
	const borders = (query.get("borders") ?? "").split(",").map(readSeconds);
	if (borders.length < 2 || borders.length > mostBars + 1) return wrong(`borders: 2 to ${mostBars + 1} times`);
	const times: number[] = [];
	for (const border of borders) {
		if (border === null || border <= (times.at(-1) ?? -1)) return wrong("borders: seconds that rise");
		times.push(border);
	}
	const names = query.getAll("meter");
	if (names.length === 0 || names.length > mostMeters) return wrong(`meter: 1 to ${mostMeters} of them`);
	const [start, end] = [times[0]!, times.at(-1)!];
	if ((end - start) * names.length > mostMeters * 370 * 86_400) return wrong("borders: too long a time");
	const quarters: number[] = [];
	for (let time = Math.floor(start / quarterSeconds) * quarterSeconds; time <= end; time += quarterSeconds) {
		quarters.push(time);
	}
	const meters: { name: string; bars: [number, number, boolean][] }[] = [];
	const lists: Bar[][] = [];
	for (const name of names) {
		const id = isName(name) ? queries.findMeter(name) : null;
		if (id === null) return { status: 404, text: "no such meter" };
		const points = queries.readQuarters(id, start, end);
		const bars = sumBars(points, times).map(({ imported, exported, partial }): [number, number, boolean] => [
			imported,
			exported,
			partial,
		]);
		meters.push({ name, bars });
		if (names.length > 1) lists.push(sumBars(points, quarters));
	}
	let at = 0;
	const place = (time: number) => {
		while (at + 2 < times.length && time >= times[at + 1]!) at += 1;
		return time < start ? -1 : at;
	};
	const shared = names.length < 2 ? [] : shareQuarters(lists, times.length - 1, place);
	return json({ meters, shared: shared.map(({ shared: energy, missing }) => [energy, missing]) });
}

/** Each month: by the registers, and the power class account of the reader, or else of the quarter hours that are here. */
function listAccounts(queries: Queries, meter: MeterInfo) {
	const told = new Map(queries.listAccounts(meter.id).map(account => [account.month, account]));
	let limit: number | null = null;
	return listMonths(queries, meter).map(({ start, end, imported, exported, partial }) => {
		const account = told.get(start) ?? null;
		limit = account?.class ?? limit;
		const used = limit ?? meter.class;
		const borders: number[] = [];
		for (let time = start; time <= end; time += quarterSeconds) borders.push(time);
		const quarters = sumBars(queries.readQuarters(meter.id, start, end), borders);
		const { exceeded, peak, peakTime } = countAbove(quarters, used === null ? Number.POSITIVE_INFINITY : used * 1000);
		return {
			month: start,
			imported,
			exported,
			partial,
			told: account,
			counted: {
				class: used,
				exceeded: used === null ? null : exceeded / 1000,
				peak: peakTime === 0 ? null : peak / 1000,
				peakTime: peakTime === 0 ? null : peakTime,
				missing: quarters.filter(bar => bar.partial).length,
			},
		};
	});
}

function answerCsv(queries: Queries, query: URLSearchParams): Answer {
	const range = readRange(query);
	if (range === null) return wrong("from and to: seconds");
	const by = query.get("by") ?? "quarter";
	if (by !== "quarter" && by !== "reading") return wrong("by: quarter or reading");
	return withMeter(queries, query, meter => ({
		status: 200,
		type: "text/csv; charset=utf-8; header=present",
		body: makeCsv(queries, by, meter, ...range),
		name: `${meter.name}.csv`,
	}));
}

/** Counts by part, as Prometheus reads them. */
function formatMetrics(report: Report): string {
	let text = "";
	for (const [part, counts] of Object.entries(report)) {
		const label = part === "dropped" ? "reason" : "count";
		const name = `smarty_recorder_${part}`;
		text += `# TYPE ${name} untyped\n`;
		for (const [count, value] of Object.entries(counts)) text += `${name}{${label}="${count}"} ${value}\n`;
	}
	return text;
}
