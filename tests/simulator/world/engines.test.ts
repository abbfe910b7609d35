import { expect, test } from "vitest";
import { simulate } from "../../../simulator/simulation.js";
import { runScenario } from "../../../simulator/world/run.js";
import { scenarios } from "../../../simulator/world/scenarios.js";

async function live(scenario: string, seed: number, hours: number, engine: string): Promise<string[]> {
	const lines: string[] = [];
	const print = (line: object) => void lines.push(JSON.stringify(line));
	const words = ["--scenario", scenario, "--seed", `${seed}`, "--hours", `${hours}`, "--engine", engine];
	const code = await simulate(words, { run: runScenario, print, complain: text => void lines.push(text) });
	expect(code).toBe(0);
	return lines;
}

test.each(Object.keys(scenarios))("an hour of %s is the same in Node and in XS, to the byte", async scenario => {
	const node = await live(scenario, 4, 1, "node");
	expect(await live(scenario, 4, 1, "xs")).toEqual(node);
	expect(node.length).toBeGreaterThan(10);
});

test("equal seeds give equal bytes, and other seeds others", async () => {
	const once = await live("everything", 11, 0.5, "node");
	expect(await live("everything", 11, 0.5, "node")).toEqual(once);
	expect(await live("everything", 12, 0.5, "node")).not.toEqual(once);
});
