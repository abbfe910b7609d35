/** Entries in InfluxDB's line protocol, which VictoriaMetrics, QuestDB and Telegraf read, too. Times in seconds. */
import { registers } from "../modules/p1/obis.js";
import type { Account, Entry, Reading } from "./entry.js";

const counts = new Set(registers.filter(({ unit }) => unit === "" || unit === "time").map(({ name }) => name));

/** Whole lines, each with its end. Values are in the units of the state message (docs/topics.md). */
export function formatLines(entries: readonly Entry[]): string {
	let text = "";
	for (const entry of entries) {
		if (entry.kind === "reading") text += formatReading(entry);
		else if (entry.kind === "account") text += formatAccount(entry);
		else if (entry.numbers.length > 0) {
			text += `smarty_reader,reader=${entry.reader} ${join(entry.numbers)} ${entry.time}\n`;
		}
	}
	return text;
}

function formatReading({ meter, time, verdict, names, numbers }: Reading): string {
	const fields: [string, number][] = [["authenticated", verdict === "authenticated" ? 1 : 0]];
	const devices = new Map<string, [string, number][]>();
	names.forEach((name, at) => {
		const number = numbers[at]!;
		const parts = name.split("/");
		if (parts.length === 1) {
			fields.push([name, counts.has(name) ? number : number / 1000]);
			return;
		}
		const [type = "", id = "", what = ""] = parts;
		const [field = "", unit] = what.split(" ");
		const root = `smarty_device,id=${id},meter=${meter},type=${type}${unit === undefined ? "" : `,unit=${unit}`}`;
		const own = devices.get(root) ?? [];
		own.push([field, field === "value" ? number / 1000 : number]);
		devices.set(root, own);
	});
	let text = `smarty,meter=${meter} ${join(fields)} ${time}\n`;
	for (const [root, own] of devices) text += `${root} ${join(own)} ${time}\n`;
	return text;
}

function formatAccount({ meter, time, limit, missing, exceeded, cost, peak }: Account): string {
	const fields: [string, number][] = [
		["class", limit / 1000],
		["exceeded_month", exceeded / 1000],
		["missing_month", missing],
	];
	if (cost !== null) fields.push(["cost_month", cost]);
	if (peak !== null) fields.push(["peak_month", peak / 1000]);
	return `smarty_account,meter=${meter} ${join(fields)} ${time}\n`;
}

function join(fields: readonly (readonly [name: string, value: number])[]): string {
	return fields.map(([name, value]) => `${name}=${value}`).join(",");
}
