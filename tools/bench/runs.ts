/** Measures how long the firmware is busy without a pause, and what hostile bytes cost. */

import type { Memory } from "../../simulator/engines/contract.js";
import { createXsEngine } from "../../simulator/engines/xs.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import { workingMemory } from "./device.js";
import { createSupply, key, listTelegrams, sealTelegram } from "./frames.js";
import { createHarness } from "./harness.js";

/** Xtensa instructions of single runs, each of one alarm or of one piece of the line, between which everything else has its turn. */
export interface RunCosts {
	/** The longest while telegrams of a meter come as expected, for a quarter of an hour and more: history, diagnostics. */
	expected: number;
	/** The longest of the first telegram, with Home Assistant's discovery, but for its opening, which nobody expects. */
	first: number;
	/** That opening. */
	opening: number;
	/** The longest while each telegram has five messages of 1024 characters, and every layout is published. */
	layouts: number;
}

/** Bytes that begin like a recorded frame, again and again, to a reader that asks for the tag. */
export interface HostileCost {
	/** Xtensa instructions for each byte. */
	instructions: number;
}

/** More than a quarter of an hour. */
const count = 120;

export async function measureRuns(): Promise<RunCosts> {
	return { ...(await measureUsual("xtensa")), layouts: await measureLayouts() };
}

export async function measureUsual(variant: VariantName): Promise<Omit<RunCosts, "layouts">> {
	const harness = await createHarness(variant, workingMemory);
	const supply = createSupply();
	const [opening, first] = (await harness.watch(supply.next())).sort((one, other) => other - one);
	let expected = 0;
	for (let at = 0; at < count; at += 1) expected = Math.max(expected, ...(await harness.watch(supply.next())));
	for (const { telegram } of listTelegrams()) {
		// The specification's has other lines than the meter's, and the longest.
		await harness.feed(telegram);
		if (telegram.length > 1400) expected = Math.max(expected, ...(await harness.watch(telegram)));
	}
	const { exceptions } = await harness.describe();
	await harness.close();
	if (exceptions > 0) throw new Error("the firmware did not run well");
	return { expected, first: first!, opening: opening! };
}

/** What all layouts hold is more than a board has: `npm run heap` says so of them. */
const roomy: Memory = { ...workingMemory, chunks: [1 << 18, 0], slots: [1 << 13, 0] };

async function measureLayouts(): Promise<number> {
	const layout = "json values smartyreader smartmeter sgrimee dsmr-reader raw";
	const harness = await createHarness("xtensa", roomy, { layout });
	const supply = createSupply();
	for (let at = 0; at < 2; at += 1) await harness.feed(supply.next());
	let longest = 0;
	for (let at = 0; at < 3; at += 1) longest = Math.max(longest, ...(await harness.watch(supply.next(true))));
	const { exceptions } = await harness.describe();
	await harness.close();
	if (exceptions > 0) throw new Error("the firmware did not run well");
	return longest;
}

export async function measureHostile(): Promise<HostileCost> {
	const guest = new URL("./guests/core.ts", import.meta.url);
	const engine = await createXsEngine(guest, { variant: "xtensa", memory: workingMemory, lines: false });
	await engine.call(Buffer.concat([Uint8Array.of(3), key]));
	// Tag, title, length, counter and the first five characters, with a length that all of them claim.
	const beginning = sealTelegram(listTelegrams()[0]!.telegram, 1).subarray(0, 23);
	beginning.writeUInt16BE(8_000, 11);
	const bytes = Buffer.concat(Array.from({ length: 600 }, () => beginning));
	let instructions = 0;
	for (let start = 0; start < bytes.length; start += 120) {
		await engine.call(Buffer.concat([Uint8Array.of(1), bytes.subarray(start, start + 120)]));
		instructions += engine.figures.instructions;
	}
	await engine.close();
	return { instructions: Math.round(instructions / bytes.length) };
}
