/** `contrib/grafana/fleet.json`: every metric that it asks for is written, with every label. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeState } from "../../modules/messages/json.js";
import { addReading, createAccount, encodeAccount } from "../../modules/meter/account.js";
import { formatLines } from "../../recorder/lines.js";
import { readMessage } from "../../recorder/message.js";
import { readTelegram } from "../support/telegrams.js";
import { specificationTelegram } from "../support/vectors.js";

interface Panel {
	title: string;
	type: string;
	gridPos: { x: number; y: number; w: number; h: number };
	targets?: { expr: string; legendFormat: string }[];
}

const text = readFileSync(new URL("../../contrib/grafana/fleet.json", import.meta.url), "utf8");
const dashboard = JSON.parse(text) as { panels: Panel[]; templating: { list: { name: string }[] } };

/** Labels by the names that VictoriaMetrics gives what is written of one message of each kind. */
function listWritten(): Map<string, string[]> {
	const telegram = readTelegram(specificationTelegram);
	const account = createAccount(3_000);
	addReading(account, { time: Date.parse("2025-01-15T10:00:00Z"), register: 25_000, power: 4_000 });
	const diagnostics = JSON.stringify({
		uptime: 1,
		boots: 2,
		network: { signal_strength: -61 },
		history: { waiting: 0, lost: 0 },
	});
	const written = new Map<string, string[]>();
	for (const [topic, payload] of [
		["state", encodeState({ ...telegram, frameCounter: 1 })],
		["power", encodeAccount(account, 0.1)!],
		["diagnostics", diagnostics],
	] as const) {
		const entry = readMessage("smarty", `smarty/M/${topic}`, Buffer.from(payload), 1_700_000_000);
		if (typeof entry !== "object" || entry === null) throw new Error(`${topic}: ${entry}`);
		for (const line of formatLines([entry]).trim().split("\n")) {
			const [, measurement, tags, fields] = /^([^,]+),(\S+) (\S+) \d+$/.exec(line)!;
			const labels = tags!.split(",").map(tag => tag.split("=")[0]!);
			for (const field of fields!.split(",")) written.set(`${measurement}_${field.split("=")[0]}`, labels);
		}
	}
	return written;
}

test("asks for nothing that is not written", () => {
	const written = listWritten();
	let asked = 0;
	for (const { expr, legendFormat } of dashboard.panels.flatMap(({ targets = [] }) => targets)) {
		const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
		for (const [, name, selector = ""] of expr.matchAll(/\b(smarty_\w+)(?:\{([^}]*)\})?/g)) {
			asked += 1;
			const labels = written.get(name!);
			expect(labels, name).toBeDefined();
			for (const [, label] of selector.matchAll(/(\w+)=~?"/g)) expect(labels, `${name} by ${label}`).toContain(label);
			for (const label of legend) expect(labels, `${name} shown as ${label}`).toContain(label);
		}
	}
	expect(asked).toBeGreaterThan(18);
	const variables = dashboard.templating.list.map(({ name }) => name);
	for (const [, name] of text.matchAll(/\$\{?([a-z]\w*)/g)) expect(variables).toContain(name);
});

test("no panel lies above another", () => {
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
