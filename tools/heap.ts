/** The program behind `npm run heap`. */

import { parseArgs } from "node:util";
import { findSetting, validateValue } from "../modules/settings/settings.js";
import { settingTable } from "../modules/settings/table.js";
import { readBoardMemory } from "../simulator/engines/board.js";
import { describeFailure } from "../simulator/xs/program.js";
import { measureGrowth } from "./bench/growth.js";
import { findWorst } from "./bench/hostile.js";
import { type Course, findPools, measureMoments } from "./bench/moments.js";

const slotSize = 16;
const usage = `usage: npm run --silent heap -- [--telegrams N], a whole number from 10
   or: npm run --silent heap -- --worst
   or: npm run --silent heap -- --moments [--meters N] [NAME=VALUE…], with settings of docs/settings.md`;

type Order = { counts: number[] } | "worst" | Course;

/**
 * `npm run --silent heap -- [--telegrams N]`: what lives in XS's heap after ten shares of N telegrams, one JSON line each.
 * `npm run --silent heap -- --moments [--meters N] [NAME=VALUE…]`: what lives there and is needed at moments of its life, with these
 * settings and so many meters; last the least pools of a fixed size with which it comes through all of them.
 * `npm run --silent heap -- --worst`: looks for the telegram of at most 16 KiB that needs most; the last line is that one.
 * Exit 1 when it could not be measured, 2 for arguments that cannot be used.
 */
async function main(words: string[]): Promise<number> {
	if (words[0] === "--help" || words[0] === "-h") {
		console.log(usage);
		return 0;
	}
	const order = readWords(words);
	if (typeof order === "string" && order !== "worst") {
		console.error(order);
		return 2;
	}
	try {
		if (order === "worst") {
			const worst = await findWorst(need => console.log(JSON.stringify(need)));
			console.log(JSON.stringify({ name: "worst telegram", ...worst }));
			return 0;
		}
		if ("counts" in order) {
			await measureGrowth(order.counts, "x64", heap => console.log(JSON.stringify(heap)));
			return 0;
		}
		const moments = await measureMoments(order);
		for (const line of moments) console.log(JSON.stringify(line));
		const { slots, chunks } = findPools(moments);
		const bytes = chunks + slotSize * (slots + readBoardMemory().stack);
		console.log(JSON.stringify({ name: "least pools", slots, chunks, bytes }));
		return 0;
	} catch (error) {
		console.error(`heap: ${describeFailure(error as Error)}`);
		return 1;
	}
}

/** What is asked for, or what is wrong with it. */
function readWords(words: string[]): Order | string {
	try {
		const { values, positionals } = parseArgs({
			args: words,
			options: {
				telegrams: { type: "string" },
				moments: { type: "boolean" },
				worst: { type: "boolean" },
				meters: { type: "string" },
			},
			allowPositionals: true,
		});
		if (values.worst) return words.length === 1 ? "worst" : usage;
		if (values.moments) return values.telegrams === undefined ? readCourse(positionals, values.meters ?? "1") : usage;
		if (values.meters !== undefined) return usage;
		const telegrams = Number(values.telegrams ?? "5000");
		if (positionals.length > 0 || !Number.isInteger(telegrams) || telegrams < 10) return usage;
		return { counts: Array.from({ length: 10 }, (_, at) => Math.round((telegrams * (at + 1)) / 10)) };
	} catch {
		return usage;
	}
}

function readCourse(pairs: readonly string[], count: string): Order | string {
	const meters = Number(count);
	if (!Number.isInteger(meters) || meters < 1 || meters > 6) return usage;
	const settings: Record<string, string> = {};
	for (const pair of pairs) {
		const [name = ""] = pair.split("=", 1);
		const value = pair.slice(name.length + 1);
		const at = findSetting(name);
		if (name === pair || at < 0) return `heap: ${name} is no setting that could be given as NAME=VALUE\n${usage}`;
		const complaint = validateValue(at, value);
		if (complaint !== null) return `heap: ${complaint}`;
		settings[settingTable[at]!.name] = value;
	}
	return { settings, meters };
}

process.exitCode = await main(process.argv.slice(2));
