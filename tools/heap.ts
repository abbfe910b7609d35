/** The program behind `npm run heap`. */

import { parseArgs } from "node:util";
import { findSetting, validateValue } from "../modules/settings/settings.js";
import { settingTable } from "../modules/settings/table.js";
import { describeFailure } from "../simulator/xs/program.js";
import { measureGrowth } from "./bench/growth.js";
import { measureMoments } from "./bench/moments.js";

const usage = `usage: npm run --silent heap -- [--telegrams N], a whole number from 10
   or: npm run --silent heap -- --moments [NAME=VALUE…], with settings of docs/settings.md`;

type Order = { counts: number[] } | { settings: Record<string, string> };

/**
 * `npm run --silent heap -- [--telegrams N]`: what lives in XS's heap after ten shares of N telegrams, one JSON line each.
 * `npm run --silent heap -- --moments [NAME=VALUE…]`: what lives there and is needed at moments of its life, with these settings.
 * Exit 1 when it could not be measured, 2 for arguments that cannot be used.
 */
async function main(words: string[]): Promise<number> {
	if (words[0] === "--help" || words[0] === "-h") {
		console.log(usage);
		return 0;
	}
	const order = readWords(words);
	if (typeof order === "string") {
		console.error(order);
		return 2;
	}
	try {
		const lines = "settings" in order ? await measureMoments(order.settings) : await measureGrowth(order.counts);
		for (const line of lines) console.log(JSON.stringify(line));
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
			options: { telegrams: { type: "string" }, moments: { type: "boolean" } },
			allowPositionals: true,
		});
		if (values.moments) return values.telegrams === undefined ? readSettings(positionals) : usage;
		const telegrams = Number(values.telegrams ?? "5000");
		if (positionals.length > 0 || !Number.isInteger(telegrams) || telegrams < 10) return usage;
		return { counts: Array.from({ length: 10 }, (_, at) => Math.round((telegrams * (at + 1)) / 10)) };
	} catch {
		return usage;
	}
}

function readSettings(pairs: readonly string[]): Order | string {
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
	return { settings };
}

process.exitCode = await main(process.argv.slice(2));
