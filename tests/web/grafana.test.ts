/** `contrib/grafana/smarty-xs.json`: every metric that it asks for is on `/metrics`, with every label. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addReading, createAccount } from "../../modules/meter/account.js";
import { createLatest } from "../../modules/meter/latest.js";
import { createFaults } from "../../modules/p1/faults.js";
import { makeMetrics } from "../../modules/web/metrics.js";
import { changeLine, readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";
import { readBody } from "./bodies.js";
import { parseMetrics } from "./metrics-parser.js";

interface Panel {
	title: string;
	type: string;
	gridPos: { x: number; y: number; w: number; h: number };
	targets?: { expr: string; legendFormat: string }[];
}

const text = readFileSync(new URL("../../contrib/grafana/smarty-xs.json", import.meta.url), "utf8");
const dashboard = JSON.parse(text) as { panels: Panel[]; templating: { list: { name: string; query: unknown }[] } };
const targets = dashboard.panels.flatMap(({ targets = [] }) => targets);

/** Labels by the names of metrics, as Prometheus' own parser reads the page. */
function listMetrics(): Map<string, string[]> {
	const account = createAccount(3_000);
	const time = Date.parse("2020-07-06T08:30:00Z");
	addReading(account, { time, register: 25_000, power: 4_000 });
	addReading(account, { time: time + 900_000, register: 25_653, power: 5 });
	const counters = { bytes: 1, discarded: 0, telegrams: 1, authenticated: 1, crcOnly: 0, plain: 0 };
	const latest = createLatest(createFaults(), counters, account);
	const { readings } = readTelegram(changeLine(specificationTelegram, "1-0:41.7.0", "1-0:41.7.0(00.005*kW)"));
	Object.assign(latest, { readings, meter: readings.serial });
	const surroundings = {
		now: 1_000,
		network: "",
		signalStrength: -61,
		macAddress: "a0b1c2d3e4f5",
		version: "test",
		counters: [],
	};
	const metrics = new Map<string, string[]>();
	for (const { samples } of parseMetrics(readBody(makeMetrics([latest], surroundings, true)), "modern")) {
		for (const [name, labels] of samples) metrics.set(name, Object.keys(labels));
	}
	return metrics;
}

test("asks for nothing that is not there", () => {
	const metrics = listMetrics();
	expect(targets.length).toBeGreaterThan(20);
	let asked = 0;
	for (const { expr, legendFormat } of targets) {
		const used = [...expr.matchAll(/\b(smarty_\w+)(?:\{([^}]*)\})?/g)];
		const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
		for (const [, name, selector = ""] of used) {
			asked += 1;
			const labels = metrics.get(name!);
			expect(labels, name).toBeDefined();
			for (const [, label] of selector.matchAll(/(\w+)=~?"/g)) expect(labels, `${name} by ${label}`).toContain(label);
			for (const label of legend) expect(labels, `${name} shown as ${label}`).toContain(label);
		}
		// A counter alone says nothing; what is counted is looked at over a time.
		if (/_total\b/.test(expr)) expect(expr).toMatch(/(increase|rate)\(/);
	}
	expect(asked).toBeGreaterThan(20);
	const variables = dashboard.templating.list.map(({ name }) => name);
	for (const [, name] of text.matchAll(/\$\{?([a-z]\w*)/g)) expect(variables).toContain(name);
});

test("shows now, day, month, power class and the reader, none above another", () => {
	const rows = dashboard.panels.filter(({ type }) => type === "row").map(({ title }) => title);
	expect(rows).toEqual(["Now", "Day and month", "Power class", "Phases", "Reader"]);
	const cells = new Set<string>();
	for (const { gridPos, title } of dashboard.panels) {
		for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
			for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
				expect(cells.has(`${x},${y}`), title).toBe(false);
				cells.add(`${x},${y}`);
			}
		}
		expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
	}
});
