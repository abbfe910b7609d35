/** Tests of simulator: engines. */
import { expect, test } from "vitest";
import { simulate } from "../../../simulator/simulation.js";
import { type RunOptions, runScenario } from "../../../simulator/world/run.js";
import { scenarios } from "../../../simulator/world/scenarios.js";

/** `run` may live through it in another way than the command line would. */
async function live(
	scenario: string,
	seed: number,
	hours: number,
	engine: string,
	run = runScenario,
): Promise<string[]> {
	const lines: string[] = [];
	const print = (line: object) => void lines.push(JSON.stringify(line));
	const words = ["--scenario", scenario, "--seed", `${seed}`, "--hours", `${hours}`, "--engine", engine];
	const code = await simulate(words, { run, print, help: () => {}, complain: text => void lines.push(text) });
	expect(code).toBe(0);
	return lines;
}

/** In a small flash, because it lies in the board's heap here. */
const sectors = 8;

/** With a request each second, six meters or long texts an hour takes six to ten times as long. */
const shorter: Record<string, number> = { scraper: 0.1, "six-meters": 0.5, "long-telegrams": 0.4 };
const hoursOf = (scenario: string) => shorter[scenario] ?? 1;

test.each(Object.keys(scenarios))(
	"an hour of %s or less is the same in Node and in the board's memory, to the byte",
	async scenario => {
		const node = await live(scenario, 4, hoursOf(scenario), "node", options => runScenario({ ...options, sectors }));
		const board = (options: RunOptions) => runScenario({ ...options, sectors, engine: "board" });
		expect(await live(scenario, 4, hoursOf(scenario), "xs", board)).toEqual(node);
		// Boot, network, one session, the goodbye to it and the summary at least.
		expect(node.length).toBeGreaterThan(5);
	},
);

test("half an hour of everything is the same in Node and in XS, to the byte", async () => {
	expect(await live("everything", 4, 0.5, "xs")).toEqual(await live("everything", 4, 0.5, "node"));
});

test("equal seeds give equal bytes, and other seeds others", async () => {
	const once = await live("everything", 11, 0.5, "node");
	expect(await live("everything", 11, 0.5, "node")).toEqual(once);
	expect(await live("everything", 12, 0.5, "node")).not.toEqual(once);
});
