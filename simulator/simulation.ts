import { parseArgs } from "node:util";
import type { EngineName } from "./engines/engine.js";
import type { RunOptions, Summary } from "./world/run.js";
import { scenarios } from "./world/scenarios.js";

const usage = `usage: npm run --silent simulate -- [--scenario NAME] [--seed N] [--hours H] [--engine node|xs] [--random COUNT]
scenarios: ${Object.keys(scenarios).join(", ")}
--random COUNT lives through COUNT seeds from N on and prints one line for each.`;

interface Order {
	scenario: string;
	seed: number;
	hours: number;
	engine: EngineName;
	/** How many seeds, or null for one run with all its lines. */
	random: number | null;
}

/** Throws with a sentence for people. */
function readOrder(parameters: string[]): Order {
	const { values } = parseArgs({
		args: parameters,
		options: {
			scenario: { type: "string", default: "calm" },
			seed: { type: "string", default: "1" },
			hours: { type: "string", default: "1" },
			engine: { type: "string", default: "node" },
			random: { type: "string" },
		},
	});
	const { scenario, engine } = values;
	if (!Object.hasOwn(scenarios, scenario)) throw new Error(`there is no scenario ${scenario}`);
	if (engine !== "node" && engine !== "xs") throw new Error(`there is no engine ${engine}: node or xs`);
	const seed = readNumber("seed", values.seed, 0, 2 ** 31 - 1);
	if (!Number.isInteger(seed)) throw new Error("--seed must be a whole number");
	const hours = readNumber("hours", values.hours, 0.01, 24 * 400);
	const random = values.random === undefined ? null : Math.floor(readNumber("random", values.random, 1, 1e6));
	return { scenario, seed, hours, engine, random };
}

function readNumber(name: string, text: string, low: number, high: number): number {
	const value = text.trim() === "" ? Number.NaN : Number(text);
	if (!(value >= low && value <= high)) throw new Error(`--${name} must be a number from ${low} to ${high}`);
	return value;
}

/** What a run is made with, and where its lines go. */
export interface Outlet {
	run: (options: RunOptions) => Promise<Summary>;
	print(line: object): void;
	/** For people, on standard error. */
	complain(text: string): void;
}

/** Does what the parameters say and gives the exit code: 0, 1 where a promise was broken, 2 where nothing could be run. */
export async function simulate(parameters: string[], { run, print, complain }: Outlet): Promise<number> {
	let order: Order;
	try {
		order = readOrder(parameters);
	} catch (error) {
		complain(`${(error as Error).message}\n${usage}`);
		return 2;
	}
	const { random, ...options } = order;
	let code = 0;
	for (let count = 0; count < (random ?? 1); count++) {
		const seeded: RunOptions = { ...options, seed: order.seed + count };
		const summary = await run(random === null ? { ...seeded, onNote: print } : seeded);
		print(summary);
		if (summary.violations.length === 0) continue;
		code = 1;
		complain(describeViolations(summary, order.engine));
	}
	return code;
}

function describeViolations({ scenario, seed, hours, violations }: Summary, engine: EngineName): string {
	const again = `npm run --silent simulate -- --scenario ${scenario} --seed ${seed} --hours ${hours} --engine ${engine}`;
	return `seed ${seed}: ${violations.length} violations, the first: ${violations[0]}\nagain: ${again}`;
}
