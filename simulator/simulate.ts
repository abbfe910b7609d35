import { parseArgs } from "node:util";
import type { EngineName } from "./engines/engine.js";
import { type RunOptions, runScenario, type Summary } from "./world/run.js";
import { scenarios } from "./world/scenarios.js";

/** `npm run --silent simulate -- --scenario NAME --seed N --hours H --engine node|xs [--random COUNT]` */
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

function print(line: object): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Says on standard error how to live through it again. */
function reportViolations({ scenario, seed, hours, violations }: Summary, engine: EngineName): void {
	console.error(`seed ${seed}: ${violations.length} violations, the first: ${violations[0]}`);
	console.error(
		`again: npm run --silent simulate -- --scenario ${scenario} --seed ${seed} --hours ${hours} --engine ${engine}`,
	);
}

async function main(): Promise<void> {
	let order: Order;
	try {
		order = readOrder(process.argv.slice(2));
	} catch (error) {
		console.error(`${(error as Error).message}\n${usage}`);
		process.exitCode = 2;
		return;
	}
	const { random, engine } = order;
	for (let count = 0; count < (random ?? 1); count++) {
		const options: RunOptions = { ...order, seed: order.seed + count };
		const summary = await runScenario(random === null ? { ...options, onNote: print } : options);
		print(summary);
		if (summary.violations.length === 0) continue;
		process.exitCode = 1;
		reportViolations(summary, engine);
	}
}

main().catch((error: Error) => {
	// A fault of the world itself.
	console.error(error.stack);
	process.exitCode = 2;
});
