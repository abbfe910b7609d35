/** What is alive in the firmware's heap after so many telegrams. */
import { createChance } from "../../simulator/chance.js";
import type { Memory } from "../../simulator/engines/contract.js";
import { createMeter, readMeter } from "../../simulator/meter.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import { createHarness, type Harness } from "./harness.js";

export interface Heap {
	telegrams: number;
	slots: number;
	/** Bytes. */
	chunks: number;
}

/** Room for anything: what is alive is counted, not what is reserved. */
const roomy: Memory = { chunks: [1 << 20, 1 << 16], slots: [1 << 16, 1 << 12], stack: 4096, keys: [1024, 256] };
const start = Date.UTC(2027, 0, 12);
/** A telegram each ten seconds: the heap is looked at in the same moment of a minute, as diagnostics go out once in it. */
const period = 10_000;
const eachMinute = 6;

/** Runs the firmware in XS and looks at its heap after each of the counts, which must rise, up to five telegrams later; `onHeap` hears of each at once. */
export async function measureGrowth(
	counts: readonly number[],
	variant: VariantName = "x64",
	onHeap: (heap: Heap) => void = () => {},
): Promise<Heap[]> {
	const meter = createMeter(createChance(1), start, {
		key: null,
		security: "plain",
		devices: [{ type: 3, id: "FLO189900060355" }],
	});
	const harness = await createHarness(variant, roomy);
	const heaps: Heap[] = [];
	let telegrams = 0;
	try {
		for (const count of counts) {
			for (const until = Math.ceil(count / eachMinute) * eachMinute; telegrams < until; telegrams += 1) {
				await harness.feed(readMeter(meter, start + telegrams * period).telegram);
			}
			const heap = { telegrams, ...(await countAlive(harness)) };
			heaps.push(heap);
			onHeap(heap);
		}
		const { exceptions, telegrams: accepted, lines } = await harness.describe();
		if (exceptions > 0 || accepted !== telegrams) throw new Error(`the firmware took ${accepted}: ${lines.join("; ")}`);
	} finally {
		await harness.close();
	}
	return heaps;
}

async function countAlive({ engine }: Harness): Promise<{ slots: number; chunks: number }> {
	// The first time the latest reply is still alive.
	await engine.collect();
	await engine.collect();
	const { slots, chunks } = engine.figures;
	return { slots, chunks };
}
