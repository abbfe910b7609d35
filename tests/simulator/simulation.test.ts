import { describe, expect, test } from "vitest";
import { simulate } from "../../simulator/simulation.js";
import type { RunOptions, Summary } from "../../simulator/world/run.js";

interface Outcome {
	code: number;
	printed: object[];
	said: string[];
	runs: RunOptions[];
}

/** Runs the command with a world that is well, except for the seeds that are not. */
async function command(words: string[], unwell: number[] = []): Promise<Outcome> {
	const outcome: Outcome = { code: -1, printed: [], said: [], runs: [] };
	outcome.code = await simulate(words, {
		async run(options) {
			outcome.runs.push(options);
			options.onNote?.({ at: "2027-01-12T17:00:00.000Z", kind: "boot" });
			return summarize(options, unwell.includes(options.seed) ? ["a reading was lost"] : []);
		},
		print: line => void outcome.printed.push(line),
		complain: text => void outcome.said.push(text),
	});
	return outcome;
}

function summarize({ scenario, seed, hours }: RunOptions, violations: string[]): Summary {
	return {
		kind: "summary",
		scenario,
		seed,
		hours,
		telegramsSent: 0,
		telegramsReceived: 0,
		telegramsLostOnLine: 0,
		readingsDelivered: 0,
		readingsLost: violations.length,
		duplicates: 0,
		outOfOrder: 0,
		wrongValues: 0,
		reconnectMsMax: 0,
		restarts: 0,
		maxQueue: 0,
		violations,
	};
}

test("one run prints its lines and, last, its summary", async () => {
	const words = ["--scenario", "broker-night", "--seed", "7", "--hours", "2.5", "--engine", "xs"];
	const { code, printed, said, runs } = await command(words);
	expect(code).toBe(0);
	expect(runs[0]).toMatchObject({ scenario: "broker-night", seed: 7, hours: 2.5, engine: "xs" });
	expect(printed.map(line => (line as { kind: string }).kind)).toEqual(["boot", "summary"]);
	expect(said).toEqual([]);
});

test("a violation is exit 1, with the seed and the command that lives through it again", async () => {
	const { code, said } = await command(["--scenario", "power-cuts", "--seed", "3", "--hours", "6"], [3]);
	expect(code).toBe(1);
	expect(said.join("\n")).toContain("seed 3: 1 violations, the first: a reading was lost");
	expect(said.join("\n")).toContain(
		"npm run --silent simulate -- --scenario power-cuts --seed 3 --hours 6 --engine node",
	);
});

test("--random lives through so many seeds and prints one line for each", async () => {
	const { code, printed, said, runs } = await command(["--random", "4", "--seed", "10"], [12]);
	expect(code).toBe(1);
	expect(runs.map(run => run.seed)).toEqual([10, 11, 12, 13]);
	expect(printed.map(line => (line as Summary).seed)).toEqual([10, 11, 12, 13]);
	expect(said).toHaveLength(1);
});

describe("what cannot be run is exit 2, with a sentence and the list of scenarios", () => {
	test.each([
		[["--scenario", "nonsense"], "there is no scenario nonsense"],
		[["--scenario", "toString"], "there is no scenario toString"],
		[["--engine", "v8"], "there is no engine v8"],
		[["--seed", "x"], "--seed must be a number"],
		[["--seed", "1.5"], "--seed must be a whole number"],
		[["--seed", ""], "--seed must be a number"],
		[["--hours=-1"], "--hours must be a number"],
		[["--hours", "0"], "--hours must be a number"],
		[["--random", "0"], "--random must be a number"],
		[["--unknown"], "Unknown option"],
		[["calm"], "Unexpected argument"],
	])("%j", async (words, sentence) => {
		const { code, printed, said, runs } = await command(words);
		expect(code).toBe(2);
		expect(said.join("\n")).toContain(sentence);
		expect(said.join("\n")).toContain("broker-night");
		expect([printed, runs]).toEqual([[], []]);
	});
});
