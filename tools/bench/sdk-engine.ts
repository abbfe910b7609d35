/** The firmware in the Moddable SDK's own XS beside the one of npm, in which everything else is measured. */
import { existsSync } from "node:fs";
import { programPath } from "../../simulator/xs/program.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import { findModdable } from "../sdk/build.js";
import { workingMemory } from "./device.js";
import { listTelegrams } from "./frames.js";
import { createHarness } from "./harness.js";
import { findLeastPools, sumPools } from "./meters.js";
import { measureUsual } from "./runs.js";
import { measureMean } from "./telegram.js";

/** One count in both. */
export interface EngineCount {
	name: string;
	own: number;
	sdk: number;
}

/** Null without the SDK, or where its XS is not built: `npm run xs x32Sdk xtensaSdk` with MODDABLE set. */
export async function compareEngines(env: NodeJS.ProcessEnv): Promise<EngineCount[] | null> {
	if (findModdable(env) === null || !existsSync(programPath("x32Sdk")) || !existsSync(programPath("xtensaSdk")))
		return null;
	const [own, sdk] = [await countAll("x32", "xtensa"), await countAll("x32Sdk", "xtensaSdk")];
	return own.map(([name, count], at) => ({ name, own: count, sdk: sdk[at]![1] }));
}

async function countAll(memory: VariantName, time: VariantName): Promise<[name: string, count: number][]> {
	const counts: [string, number][] = [];
	const harness = await createHarness(time, workingMemory);
	for (const { length, telegram } of listTelegrams()) {
		await harness.feed(telegram);
		const mean = await measureMean(harness, telegram, "instructions");
		counts.push([`a frame of ${length} bytes, from its last byte to the message: Xtensa instructions`, mean]);
	}
	if ((await harness.describe()).exceptions > 0) throw new Error("the firmware did not run well");
	await harness.close();
	counts.push([
		"longest run while telegrams come as expected: Xtensa instructions",
		(await measureUsual(time)).expected,
	]);
	const pools = await findLeastPools({ settings: {}, meters: 1 }, 1, memory);
	counts.push(["least pools for one meter, with the board's stack: bytes", sumPools(pools)]);
	return counts;
}
