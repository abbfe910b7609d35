import type { Memory } from "../../simulator/engines/contract.js";
import { createSupply, type Supply } from "./frames.js";
import { type Bed, createBed, flashSize } from "./harness.js";

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

type Step = (bed: Bed, supply: Supply) => Promise<void>;

async function feed(bed: Bed, supply: Supply, count: number, withMessages = false): Promise<void> {
	for (let at = 0; at < count; at += 1) await bed.feed(supply.next(withMessages));
}

/** One after the other. The boot is over before the first. */
const steps: readonly (readonly [string, Step])[] = [
	["boot and session", async () => {}],
	["first telegram, session under the meter's name", (bed, supply) => feed(bed, supply, 1)],
	["nine telegrams, diagnostics", (bed, supply) => feed(bed, supply, 9)],
	[
		"twenty telegrams without a broker",
		async (bed, supply) => {
			await bed.setBroker(false);
			await feed(bed, supply, 20);
		},
	],
	["session, discovery, late readings", bed => bed.setBroker(true)],
	["two telegrams with five messages of 1024 characters", (bed, supply) => feed(bed, supply, 2, true)],
];

const roomy = { slots: 1 << 14, chunks: 1 << 19 };
const coarse = { slots: 32, chunks: 1024 };

export async function measureMoments(settings: Readonly<Record<string, string>>): Promise<Moment[]> {
	const moments: Moment[] = [];
	let { leastSlots, leastChunks } = { leastSlots: 0, leastChunks: 0 };
	for (let at = 0; at < steps.length; at += 1) {
		const alive = (await live(at, roomy, settings))!;
		const search = (low: number, pool: "slots" | "chunks") =>
			findLeast(low, roomy[pool], coarse[pool], size => live(at, { ...roomy, [pool]: size }, settings));
		leastSlots = await search(leastSlots, "slots");
		leastChunks = await search(leastChunks, "chunks");
		moments.push({ name: steps[at]![0], ...alive, leastSlots, leastChunks });
	}
	return moments;
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
	last: number,
	{ slots, chunks }: { slots: number; chunks: number },
	settings: Readonly<Record<string, string>>,
): Promise<{ slots: number; chunks: number } | null> {
	const memory: Memory = { chunks: [chunks, 0], slots: [slots, 0], stack: 2048, keys: [64, 32] };
	let bed: Bed | null = null;
	try {
		bed = await createBed("x32", memory, settings);
		const supply = createSupply();
		for (const [, step] of steps.slice(0, last + 1)) await step(bed, supply);
		// The first time the latest request is still alive.
		await bed.engine.collect();
		await bed.engine.collect();
		const { figures } = bed.engine;
		if ((await bed.describe()).exceptions > 0) throw new Error("the firmware did not run well");
		return { slots: figures.slots, chunks: figures.chunks - flashSize };
	} catch (error) {
		if (!/memory full/.test(String(error))) throw error;
		return null;
	} finally {
		await bed?.close();
	}
}
