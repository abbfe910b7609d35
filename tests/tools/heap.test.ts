/** Tests of `tools/heap.ts`. */
import { describe, expect, test } from "vitest";
import { poolsFor } from "../../modules/settings/heap.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { readBoardMemory } from "../../simulator/engines/board.js";
import { describeFailure, findProgram } from "../../simulator/xs/program.js";
import {
	composeTelegram,
	kindNames,
	longestTelegram,
	type Mixture,
	survivesTelegram,
} from "../../tools/bench/hostile.js";
import { survives } from "../../tools/bench/moments.js";
import { runProgram } from "../support/program.js";

test.each([
	[["--moments", "layout=json nonsense"], "heap: layout must be one or more of"],
	[["--moments", "nonsense=1"], "heap: nonsense is no setting"],
	[["--moments", "layout"], "heap: layout is no setting that could be given as NAME=VALUE"],
	[["--telegrams", "9"], "usage: npm run --silent heap"],
	[["--worst", "layout=json"], "usage: npm run --silent heap"],
])("heap refuses %s before it measures", async (words, complaint) => {
	const program = runProgram("tools/heap.ts", words);
	expect(await program.ended).toBe(2);
	expect(program.output.stdout).toBe("");
	expect(program.output.stderr).toMatch(new RegExp(`^${complaint}`));
});

test("a machine that is not built is told of in one line, a fault of the code with where it was", () => {
	const tell = (fault: () => void): string => {
		try {
			fault();
		} catch (error) {
			return describeFailure(error as Error);
		}
		return "";
	};
	expect(tell(() => findProgram("x32", "/nowhere/machine"))).toMatch(
		/^the XS machine x32 is not built: .*npm run xs.*$/,
	);
	expect(tell(() => JSON.parse("no"))).toContain("heap.test.ts");
});

const all = {
	layout: "json values smartyreader sgrimee dsmr-reader raw",
	telegramPort: "8088",
	webPort: "80",
	powerClass: "3",
};

test.each([
	["a first setup", {}, 1],
	["a layout", { layout: "json sgrimee" }, 1],
	["a server and two meters", { telegramPort: "8088" }, 2],
	["six meters", {}, 6],
	["the page and three meters", { webPort: "80" }, 3],
	["a counter", { pulses: "34/16667/led/meter" }, 1],
	["four counters", { pulses: "34/16667/led/meter 33/1000/pump 35/1000/box 36/1000/car" }, 1],
	["all there is", all, 1],
] as const)(
	"the table of costs is right for %s: with its pools all goes well, with a third less it does not",
	async (_, settings, meters) => {
		const { integrations, pulses } = checkSettings(readConfiguration(settings), "wifi", null).settings;
		// Up to three meters have a line each here.
		const { slots, chunks } = poolsFor(integrations, false, meters, meters <= 3 ? meters : 1, pulses.length);
		const course = { settings, meters };
		expect(await survives(course, { slots, chunks })).toBe(true);
		expect(await survives(course, { slots: Math.floor(0.65 * slots), chunks: 2 * chunks })).toBe(false);
		expect(await survives(course, { slots: 2 * slots, chunks: Math.floor(0.65 * chunks) })).toBe(false);
	},
);

describe("a hostile telegram does not end the board's machine", () => {
	const { slots, chunks } = readBoardMemory();
	const pools = { slots: slots[0], chunks: chunks[0] };

	test("of 3.3 KB and 190 lines that nobody knows", async () => {
		const mixture: Mixture = [["short unknown objects", 3_300]];
		expect(composeTelegram(mixture, 0).match(/:77\./g)?.length).toBeGreaterThan(180);
		expect(await survivesTelegram(mixture, pools)).toBe(true);
	});

	test.each(kindNames)("of 16 KiB: %s", async kind => {
		const mixture: Mixture = [[kind, longestTelegram]];
		expect(composeTelegram(mixture, 0).length).toBeGreaterThan(14_000);
		expect(await survivesTelegram(mixture, pools)).toBe(true);
	});
});
