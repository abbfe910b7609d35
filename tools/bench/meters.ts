/** Measures how much heap several meters need, and how long the firmware is busy at a time with them. */

import { poolsFor } from "../../modules/settings/heap.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { readBoardMemory } from "../../simulator/engines/board.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import { createSupply } from "./frames.js";
import { createHarness } from "./harness.js";
import { type Course, coarse, survives } from "./moments.js";

export interface MeterCost {
	name: string;
	meters: number;
	lines: number;
	/** The least pools of a fixed size for all moments of a first setup (`moments.ts`): slots, and bytes of chunks. */
	slots: number;
	chunks: number;
	/** Xtensa instructions of the longest run while the telegrams of all come as expected. */
	longestRun: number;
}

interface Case {
	name: string;
	meters: number;
	lines: number;
	/** As the adapters have them (`hardware/README.md`), in an order in which lines take turns. */
	plugs: string;
}

const cases: readonly Case[] = [
	{ name: "one", meters: 1, lines: 1, plugs: "16/17" },
	{ name: "three, a line each", meters: 3, lines: 3, plugs: "16 18 19" },
	{ name: "three on one line", meters: 3, lines: 1, plugs: "16/17 16/18 16/19" },
	{ name: "six on two lines", meters: 6, lines: 2, plugs: "16/17 4/21 16/18 4/22 16/19 4/23" },
	{ name: "six on one line", meters: 6, lines: 1, plugs: "16/17 16/18 16/19 16/21 16/22 16/23" },
];

/** Telegrams of each meter, after its first. */
const rounds = 8;
const slotSize = 16;

export async function measureMeters(): Promise<MeterCost[]> {
	const costs: MeterCost[] = [];
	for (const { name, meters, lines, plugs } of cases) {
		const course = { settings: { meters: plugs }, meters };
		const pools = await findLeastPools(course, lines);
		costs.push({ name, meters, lines, ...pools, longestRun: await findLongestRun(course, pools) });
	}
	return costs;
}

/** Bytes of the pools, with the stack that the board's manifest gives. */
export function sumPools({ slots, chunks }: Pick<MeterCost, "slots" | "chunks">): number {
	return chunks + slotSize * (slots + readBoardMemory().stack);
}

/** What the firmware believes to need for a hostile telegram, which does not come here. */
const hostile = { slots: 224, chunks: 15_360 };

/** Looked for near what the firmware itself believes. */
export async function findLeastPools(
	course: Course,
	lines: number,
	variant: VariantName = "x32",
): Promise<{ slots: number; chunks: number }> {
	const { integrations } = checkSettings(readConfiguration(course.settings), "wifi", null).settings;
	const guess = poolsFor(integrations, false, course.meters, lines);
	const slots = await findNear(guess.slots - hostile.slots, coarse.slots, size =>
		survives(course, { ...roomy, slots: size }, variant),
	);
	const chunks = await findNear(guess.chunks - hostile.chunks, coarse.chunks, size =>
		survives(course, { ...roomy, chunks: size }, variant),
	);
	return { slots, chunks };
}

const roomy = { slots: 1 << 14, chunks: 1 << 19 };

/** The least multiple of `step` that suffices; the fewest tries where it is near `guess`. */
async function findNear(guess: number, step: number, suffices: (size: number) => Promise<boolean>): Promise<number> {
	let good = Math.ceil(guess / step) * step;
	let stride = step;
	while (!(await suffices(good))) {
		good += stride;
		stride *= 2;
	}
	let bad = good - step;
	stride = step;
	while (bad > 0 && (await suffices(bad))) {
		good = bad;
		stride *= 2;
		bad = Math.max(0, good - stride);
	}
	while (good - bad > step) {
		const middle = bad + Math.ceil((good - bad) / 2 / step) * step;
		if (await suffices(middle)) good = middle;
		else bad = middle;
	}
	return good;
}

/** With a fourth more than the least, so that what is collected is as on a board. */
async function findLongestRun({ settings, meters }: Course, pools: { slots: number; chunks: number }): Promise<number> {
	const memory = {
		chunks: [Math.ceil(1.25 * pools.chunks), 0],
		slots: [Math.ceil(1.25 * pools.slots), 0],
		stack: 1024,
		keys: [64, 32],
	} as const;
	const harness = await createHarness("xtensa", memory, settings, meters);
	try {
		const supply = createSupply(meters);
		// The first are not expected, and are announced.
		for (let at = 0; at < 2 * meters; at += 1) await harness.watch(supply.next());
		let longest = 0;
		for (let at = 0; at < rounds * meters; at += 1) {
			longest = Math.max(longest, ...(await harness.watch(supply.next())));
		}
		const { exceptions, telegrams } = await harness.describe();
		if (exceptions > 0 || telegrams !== (rounds + 2) * meters) throw new Error("the firmware did not run well");
		return longest;
	} finally {
		await harness.close();
	}
}
