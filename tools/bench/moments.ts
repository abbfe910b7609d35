/** Measures the heap that the firmware needs up to certain moments. */

import type { Memory } from "../../simulator/engines/contract.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import { createSupply, type Supply } from "./frames.js";
import { createHarness, flashSize, type Harness } from "./harness.js";
import { requestPaths } from "./requests.js";

/** What the whole firmware's heap has and needs up to a moment of its life. */
export interface Moment {
	name: string;
	/** Alive then, after a collection. */
	slots: number;
	chunks: number;
	/** The fewest slots, and the fewest bytes of chunks, in pools of a fixed size with which it comes so far; each with plenty of the other. */
	leastSlots: number;
	leastChunks: number;
}

type Step = (harness: Harness, supply: Supply) => Promise<void>;

async function feed(harness: Harness, supply: Supply, count: number, withMessages = false): Promise<void> {
	for (let at = 0; at < count; at += 1) await harness.feed(supply.next(withMessages));
}

/** One after the other. The boot is over before the first. */
const steps: readonly (readonly [string, Step])[] = [
	["boot and session", async () => {}],
	["first telegram, session under the meter's name", (harness, supply) => feed(harness, supply, 1)],
	["nine telegrams, diagnostics", (harness, supply) => feed(harness, supply, 9)],
	[
		"twenty telegrams without a broker",
		async (harness, supply) => {
			await harness.setBroker(false);
			await feed(harness, supply, 20);
		},
	],
	[
		"two telegrams with five messages of 1024 characters without a broker",
		(harness, supply) => feed(harness, supply, 2, true),
	],
	["session, discovery, late readings", harness => harness.setBroker(true)],
	["two telegrams with five messages of 1024 characters", (harness, supply) => feed(harness, supply, 2, true)],
];

/** The same where the settings have an HTTP server. */
const webSteps: typeof steps = [
	...requestPaths.flatMap((path): (typeof steps)[number][] => [
		[`GET ${path}`, async harness => void (await harness.ask(path))],
		[`GET ${path} again`, async harness => void (await harness.ask(path))],
	]),
	[
		"four clients that take no more of /metrics than its beginning, two telegrams",
		async (harness, supply) => {
			for (let count = 0; count < 4; count += 1) await harness.ask("/metrics", true);
			await feed(harness, supply, 2);
		},
	],
];

const roomy = { slots: 1 << 14, chunks: 1 << 19 };
/** How exactly the least pools are found. */
export const coarse = { slots: 32, chunks: 1024 };

/** What is to be measured. */
export interface Course {
	/** Besides those of a first setup. */
	settings: Readonly<Record<string, string>>;
	meters: number;
}

export async function measureMoments(course: Course): Promise<Moment[]> {
	const moments: Moment[] = [];
	const all = listSteps(course);
	let { leastSlots, leastChunks } = { leastSlots: 0, leastChunks: 0 };
	for (let at = 0; at < all.length; at += 1) {
		const past = all.slice(0, at + 1);
		const alive = (await live(past, roomy, course))!;
		const search = (low: number, pool: "slots" | "chunks") =>
			findLeast(low, roomy[pool], coarse[pool], size => live(past, { ...roomy, [pool]: size }, course));
		leastSlots = await search(leastSlots, "slots");
		leastChunks = await search(leastChunks, "chunks");
		moments.push({ name: all[at]![0], ...alive, leastSlots, leastChunks });
	}
	return moments;
}

/** The least pools of a fixed size with which the firmware comes through all moments. */
export function findPools(moments: readonly Moment[]): { slots: number; chunks: number } {
	const most = (list: number[]) => Math.max(...list);
	return {
		slots: most(moments.map(({ leastSlots }) => leastSlots)),
		chunks: most(moments.map(({ leastChunks }) => leastChunks)),
	};
}

/** Whether pools of this size suffice for all moments. */
export async function survives(
	course: Course,
	pools: { slots: number; chunks: number },
	variant: VariantName = "x32",
): Promise<boolean> {
	return (await live(listSteps(course), pools, course, variant)) !== null;
}

function listSteps({ settings }: Course): typeof steps {
	return isOn(settings.webPort) ? [...steps, ...webSteps] : steps;
}

function isOn(port: string | undefined): boolean {
	return port !== undefined && port !== "off";
}

/** Between `low`, which need not suffice, and `high`, which does. */
async function findLeast(
	low: number,
	high: number,
	step: number,
	suffices: (size: number) => Promise<object | null>,
): Promise<number> {
	if (low > 0 && (await suffices(low)) !== null) return low;
	let [bad, good] = [low, high];
	while (good - bad > step) {
		const middle = Math.ceil((bad + good) / 2 / step) * step;
		if (middle >= good) break;
		if ((await suffices(middle)) === null) bad = middle;
		else good = middle;
	}
	return good;
}

/** What is alive behind a step, or null when the machine ended before. */
async function live(
	past: typeof steps,
	{ slots, chunks }: { slots: number; chunks: number },
	{ settings, meters }: Course,
	variant: VariantName = "x32",
): Promise<{ slots: number; chunks: number } | null> {
	const memory: Memory = { chunks: [chunks, 0], slots: [slots, 0], stack: 2048, keys: [64, 32] };
	let harness: Harness | null = null;
	try {
		harness = await createHarness(variant, memory, settings, meters);
		const supply = createSupply(meters);
		for (const [, step] of past) await step(harness, supply);
		// The first time the latest request is still alive.
		await harness.engine.collect();
		await harness.engine.collect();
		const { figures } = harness.engine;
		if ((await harness.describe()).exceptions > 0) throw new Error("the firmware did not run well");
		return { slots: figures.slots, chunks: figures.chunks - flashSize };
	} catch (error) {
		if (!/memory full/.test(String(error))) throw error;
		return null;
	} finally {
		await harness?.close();
	}
}
