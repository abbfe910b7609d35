/** Tests of `simulator/simulation.ts`. */
import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { simulate } from "../../simulator/simulation.js";
import type { RunOptions, Summary } from "../../simulator/world/run.js";

interface Outcome {
	code: number;
	printed: object[];
	said: string[];
	/** What went to standard output and is no line of a run. */
	helped: string;
	runs: RunOptions[];
}

test("a reader that has had enough ends it without a fault", async () => {
	const child = spawn(process.execPath, ["--import", "tsx", "simulator/simulate.ts", "--scenario", "power-cuts"]);
	let complaints = "";
	child.stderr.on("data", text => (complaints += text));
	child.stdout.once("data", () => child.stdout.destroy());
	expect(await new Promise(resolve => child.once("close", resolve))).toBe(0);
	expect(complaints).toBe("");
});

/** Runs the command with a world that is well, except for the seeds that are not. */
async function command(words: string[], unwell: number[] = []): Promise<Outcome> {
	const outcome: Outcome = { code: -1, printed: [], said: [], helped: "", runs: [] };
	outcome.code = await simulate(words, {
		async run(options) {
			outcome.runs.push(options);
			options.onNote?.({ at: "2027-01-12T17:00:00.000Z", kind: "boot" });
			return summarize(options, unwell.includes(options.seed) ? ["a reading was lost"] : []);
		},
		print: line => void outcome.printed.push(line),
		help: text => {
			outcome.helped += text;
		},
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

describe("several meters", () => {
	test("are lived through where the night can be, and are in the command that does so again", async () => {
		const { code, said, runs } = await command(["--scenario", "calm", "--meters", "3", "--seed", "5"], [5]);
		expect(runs[0]).toMatchObject({ scenario: "calm", meters: 3 });
		expect(code).toBe(1);
		expect(said.join("\n")).toContain("--scenario calm --seed 5 --hours 1 --engine node --meters 3");
	});

	test.each([
		[["--scenario", "key-renewal", "--meters", "2"], "--meters: key-renewal is a night of one meter"],
		[["--scenario", "calm", "--meters", "7"], "--meters is a whole number from 1 to 6, not 7"],
		[["--scenario", "calm", "--meters", "1.5"], "--meters is a whole number from 1 to 6, not 1.5"],
	])("%s are refused", async (words, complaint) => {
		const { code, said, runs } = await command(words);
		expect(code).toBe(2);
		expect(runs).toEqual([]);
		expect(said.join("\n")).toContain(complaint);
	});

	test("one is one, in every night", async () => {
		expect((await command(["--scenario", "key-renewal", "--meters", "1"])).code).toBe(0);
	});
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

describe("what cannot be run is exit 2, with one line that says what is wrong, and the usage", () => {
	test.each([
		[["--scenario", "nonsense"], "--scenario is one of those below, not nonsense"],
		[["--scenario", "toString"], "--scenario is one of those below, not toString"],
		[["--engine", "v8"], "--engine is node or xs, not v8"],
		[["--seed", "x"], "--seed is a whole number from 0 to 2147483647, not x"],
		[["--seed", "1.5"], "--seed is a whole number from 0 to 2147483647, not 1.5"],
		[["--seed", ""], "--seed is a whole number from 0 to 2147483647, not empty"],
		[["--hours=-1"], "--hours is a number from 0.01 to 9600, not -1"],
		[["--hours", "0"], "--hours is a number from 0.01 to 9600, not 0"],
		[["--random", "0"], "--random is a whole number from 1 to 1000000, not 0"],
		[["--random", "2.5"], "--random is a whole number from 1 to 1000000, not 2.5"],
		[["--unknown", "7"], "Unknown option '--unknown'"],
		[["--key=00112233"], "Unknown option '--key'"],
		[["--scenario"], "Option '--scenario <value>' argument missing"],
		[["calm"], "word 1 stands without an option before it; a value with spaces needs quotes"],
		[["--seed", "7", "s3cret"], "word 3 stands without an option before it; a value with spaces needs quotes"],
		[["--seed=7", "--", "s3cret"], "word 3 stands without an option before it; a value with spaces needs quotes"],
	])("%j", async (words, sentence) => {
		const { code, printed, said, runs } = await command(words);
		expect(code).toBe(2);
		const [first, second, third] = said.join("\n").split("\n");
		expect(first).toBe(`npm run simulate: ${sentence}`);
		expect(second).toMatch(/^usage: npm run --silent simulate -- /);
		expect(third).toMatch(/^scenarios: .*broker-night/);
		expect(said.join()).not.toMatch(/s3cret|00112233/);
		expect([printed, runs]).toEqual([[], []]);
	});
});

test.each(["--help", "-h"])("%s is answered and runs nothing", async word => {
	const { code, printed, said, runs, helped } = await command(["--seed", "7", word]);
	expect(code).toBe(0);
	expect(helped).toMatch(/^usage: npm run --silent simulate -- .*broker-night/s);
	expect([printed, said, runs]).toEqual([[], [], []]);
});
