/** The arguments of `npm run simulate`, and its runs for one or many seeds. */

import { parseWords } from "../gateway/words.js";
import type { EngineName } from "./engines/contract.js";
import type { RunOptions, Summary } from "./world/run.js";
import { scenarios } from "./world/scenarios.js";

const usage = `usage: npm run --silent simulate -- [--scenario NAME] [--seed N] [--hours H] [--engine node|xs] [--meters N] [--random COUNT]
scenarios: ${Object.keys(scenarios).join(", ")}
--meters N, from 1 to 6, where a night can be lived through with several: ${Object.keys(scenarios)
	.filter(name => scenarios[name]!.takesMany)
	.join(", ")}
--random COUNT lives through COUNT seeds from N on and prints one line for each.`;

interface Order {
	scenario: string;
	seed: number;
	hours: number;
	engine: EngineName;
	/** As many as the scenario has, where it is not given. */
	meters?: number;
	/** How many seeds, or null for one run with all its lines. */
	random: number | null;
	help: boolean;
}

/** What is asked for, or one line that says what is wrong with it. */
function readOrder(words: readonly string[]): Order | string {
	const text = { type: "string" } as const;
	const options = { scenario: text, seed: text, hours: text, engine: text, meters: text, random: text };
	const values = parseWords(words, { ...options, help: { type: "boolean", short: "h" } });
	if (typeof values === "string") return values;
	const { scenario = "calm", engine = "node" } = values;
	if (!Object.hasOwn(scenarios, String(scenario))) return `--scenario is one of those below, not ${scenario}`;
	if (engine !== "node" && engine !== "xs") return `--engine is node or xs, not ${engine}`;
	if (values.meters !== undefined && values.meters !== "1" && !scenarios[String(scenario)]!.takesMany) {
		return `--meters: ${scenario} is a night of one meter`;
	}
	const complaints: string[] = [];
	const read = (name: string, fallback: string, low: number, high: number, whole: boolean): number => {
		const word = String(values[name] ?? fallback);
		const value = word.trim() === "" ? Number.NaN : Number(word);
		const kind = whole ? "whole number" : "number";
		if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
			complaints.push(`--${name} is a ${kind} from ${low} to ${high}, not ${word.trim() === "" ? "empty" : word}`);
		}
		return value;
	};
	const order: Order = {
		scenario: String(scenario),
		seed: read("seed", "1", 0, 2 ** 31 - 1, true),
		hours: read("hours", "1", 0.01, 24 * 400, false),
		engine,
		...(values.meters !== undefined && { meters: read("meters", "", 1, 6, true) }),
		random: values.random === undefined ? null : read("random", "", 1, 1e6, true),
		help: values.help === true,
	};
	return complaints[0] ?? order;
}

/** What a run is made with, and where its lines go. */
export interface Outlet {
	run: (options: RunOptions) => Promise<Summary>;
	print(line: object): void;
	/** For people who ask for it, on standard output. */
	help(text: string): void;
	/** For people, on standard error. */
	complain(text: string): void;
}

/** Does what the parameters say and gives the exit code: 0, 1 where a promise was broken, 2 where nothing could be run. */
export async function simulate(words: readonly string[], { run, print, help, complain }: Outlet): Promise<number> {
	const order = readOrder(words);
	if (typeof order === "string") {
		complain(`npm run simulate: ${order}\n${usage}`);
		return 2;
	}
	const { random, help: wantsHelp, ...options } = order;
	if (wantsHelp) {
		help(`${usage}\n`);
		return 0;
	}
	let code = 0;
	for (let count = 0; count < (random ?? 1); count++) {
		const seeded: RunOptions = { ...options, seed: order.seed + count };
		const summary = await run(random === null ? { ...seeded, onNote: print } : seeded);
		print(summary);
		if (summary.violations.length === 0) continue;
		code = 1;
		complain(describeViolations(summary, order));
	}
	return code;
}

function describeViolations({ scenario, seed, hours, violations }: Summary, { engine, meters }: Order): string {
	const many = meters === undefined ? "" : ` --meters ${meters}`;
	const again = `npm run --silent simulate -- --scenario ${scenario} --seed ${seed} --hours ${hours} --engine ${engine}${many}`;
	return `seed ${seed}: ${violations.length} violations, the first: ${violations[0]}\nagain: ${again}`;
}
