import { parseArgs } from "node:util";
import { measureHeap } from "../simulator/world/heap.js";
import { measureMoments } from "./bench/moments.js";

/**
 * `npm run --silent heap -- [--telegrams N]`: what lives in XS's heap after ten shares of N telegrams, one JSON line each.
 * `npm run --silent heap -- --moments [NAME=VALUE…]`: what lives there and is needed at moments of its life, with these settings.
 */
const wanted = readWords();
if (wanted === null) {
	console.error("usage: npm run --silent heap -- [--telegrams N], a whole number from 10");
	console.error("   or: npm run --silent heap -- --moments [NAME=VALUE…], with settings of docs/settings.md");
	process.exit(2);
}
const lines = "settings" in wanted ? await measureMoments(wanted.settings) : await measureHeap(wanted.counts);
for (const line of lines) console.log(JSON.stringify(line));

function readWords(): { counts: number[] } | { settings: Record<string, string> } | null {
	try {
		const { values, positionals } = parseArgs({
			options: { telegrams: { type: "string" }, moments: { type: "boolean" } },
			allowPositionals: true,
		});
		const pairs = positionals.map(word => [word.split("=", 1)[0]!, word.slice(word.indexOf("=") + 1)]);
		const areSettings = positionals.every(word => word.indexOf("=") > 0);
		if (values.moments) return areSettings && !values.telegrams ? { settings: Object.fromEntries(pairs) } : null;
		const telegrams = Number(values.telegrams ?? "5000");
		if (positionals.length > 0 || !Number.isInteger(telegrams) || telegrams < 10) return null;
		return { counts: Array.from({ length: 10 }, (_, at) => Math.round((telegrams * (at + 1)) / 10)) };
	} catch {
		return null;
	}
}
