/** Measures a telegram from its last byte to its message. */

import { createXsEngine } from "../../simulator/engines/xs.js";
import { workingMemory } from "./device.js";
import { key, listTelegrams, padTelegram, sealTelegram } from "./frames.js";
import { createHarness, type Harness } from "./harness.js";

/** From the last byte of a frame to the state message in the broker port's hands, garbage collection included. */
export interface TelegramCost {
	/** Of the frame, in bytes. */
	length: number;
	/** Mean of eight telegrams in a row. */
	instructions: number;
	computrons: number;
	/** Slots and chunks, garbage included. */
	bytesAllocated: number;
	/** Instructions of single stages, without garbage collection. */
	stages: { gcm: number; opener: number; crc: number; parse: number; encode: number };
}

export interface GrowthCost {
	/** Of the telegram, in bytes. */
	length: number;
	instructions: number;
}

const rounds = 8;
const roomy = { chunks: [4 << 20, 1 << 20], slots: [1 << 17, 1 << 14], stack: 1024, keys: [64, 32] } as const;

export async function measureTelegrams(): Promise<TelegramCost[]> {
	const time = await createHarness("xtensa", workingMemory);
	const count = await createHarness("x32", workingMemory);
	const allocation = await createHarness("x32", roomy);
	const costs: TelegramCost[] = [];
	for (const { length, telegram } of listTelegrams()) {
		// The first of its kind announces the meter to Home Assistant.
		for (const harness of [time, count, allocation]) await harness.feed(telegram);
		costs.push({
			length,
			instructions: Math.round(await measureMean(time, telegram, "instructions")),
			computrons: Math.round(await measureMean(count, telegram, "compute")),
			bytesAllocated: await measureAllocation(allocation, telegram),
			stages: await measureStages(telegram),
		});
	}
	for (const harness of [time, count, allocation]) {
		const { exceptions, telegrams } = await harness.describe();
		if (exceptions > 0 || telegrams < 3) throw new Error("the firmware did not run well");
		await harness.close();
	}
	return costs;
}

/** What eight of these telegrams in a row cost, each from its last byte to its message. */
export async function measureMean(
	harness: Harness,
	telegram: string,
	figure: "instructions" | "compute",
): Promise<number> {
	let sum = 0;
	for (let round = 0; round < rounds; round += 1) sum += (await harness.feed(telegram))[figure];
	return sum / rounds;
}

async function measureAllocation(harness: Harness, telegram: string): Promise<number> {
	await harness.engine.collect();
	const before = harness.engine.figures;
	const after = await harness.feed(telegram);
	return (after.slotsPeak - before.slots) * after.slotSize + after.chunksPeak - before.chunks;
}

async function measureStages(telegram: string): Promise<TelegramCost["stages"]> {
	const guest = new URL("./guests/stages.ts", import.meta.url);
	const engine = await createXsEngine(guest, { variant: "xtensa", memory: roomy, lines: false });
	const send = async (kind: number, bytes: Uint8Array = new Uint8Array(0)) => {
		await engine.call(Buffer.concat([Uint8Array.of(kind), bytes]));
		return engine.figures.instructions;
	};
	const frame = sealTelegram(telegram, 1);
	await send(0, key);
	await send(1, frame);
	const gcm = await send(2);
	await send(1, frame);
	const opener = await send(3);
	const stages = { gcm, opener: opener - gcm, crc: await send(4), parse: await send(5), encode: await send(6) };
	await engine.close();
	return stages;
}

/** The cost of one telegram by its length: a straight line. */
export async function measureGrowth(): Promise<GrowthCost[]> {
	const harness = await createHarness("xtensa", { ...roomy, chunks: [16 << 20, 1 << 20] });
	const costs: GrowthCost[] = [];
	for (const length of [500, 2000, 8000, 11_474]) {
		await harness.feed(padTelegram(length));
		await harness.engine.collect();
		costs.push({ length, instructions: (await harness.feed(padTelegram(length))).instructions });
	}
	const { exceptions, telegrams } = await harness.describe();
	if (exceptions > 0 || telegrams !== 2 * costs.length) throw new Error("the firmware did not run well");
	await harness.close();
	return costs;
}
