/** Measures the heap: after the boot, the smallest that suffices, its growth. */

import { readBoardMemory } from "../../simulator/engines/board.js";
import type { Memory } from "../../simulator/engines/contract.js";
import { createXsEngine, type XsEngine } from "../../simulator/engines/xs.js";
import { workingMemory } from "./device.js";
import { createSupply, key, listTelegrams, sealTelegram } from "./frames.js";
import { createHarness, flashSize } from "./harness.js";

/** XS heap in bytes on a 32-bit machine with everything preloaded. All counts are exact. */
export interface MemoryUse {
	/** Alive after the boot: slots and chunks. */
	afterBoot: number;
	/**
	 * The smallest heap in which a thousand telegrams pass, and for the firmware what takes most: a connection that is lost and
	 * found again, and the longest telegram there is. Slots, chunks and stack as reserved.
	 */
	smallest: number;
	/** Alive after a thousand telegrams, less what was after half of them. */
	growth: number;
	/** The least stack, including what regular expressions and numbers borrow of it. */
	stack: number;
}

export interface MemoryCosts {
	core: MemoryUse;
	firmware: MemoryUse;
	/** What the board's manifest gives the machine. */
	device: number;
	/** Byte code, which lies in flash, per folder. */
	flash: Record<string, number>;
}

/** Something that eats telegrams, and can be given what is hard to digest. */
interface Eater {
	engine: XsEngine;
	/** A usual telegram, the `at`th. */
	feed(at: number): Promise<unknown>;
	strain(): Promise<void>;
}

const slotSize = 16;
const count = 1000;
/** By then the hour that the history keeps in memory is full. */
const early = 499;

export async function measureMemory(): Promise<MemoryCosts> {
	const device = readBoardMemory();
	return {
		core: await measureUse(createCore),
		firmware: await measureUse(createWhole, flashSize),
		device: device.chunks[0] + (device.slots[0] + device.stack) * slotSize,
		flash: await measureFlash(),
	};
}

async function createCore(memory: Memory): Promise<Eater> {
	const guest = new URL("./guests/core.ts", import.meta.url);
	const engine = await createXsEngine(guest, { variant: "x32", memory, lines: false });
	// With as many digits in the first message as in the last, which is kept: growth is what was lost, and not what is longer.
	let frameCounter = 1_000;
	const list = listTelegrams();
	await engine.call(Buffer.concat([Uint8Array.of(0), key]));
	return {
		engine,
		async feed(at) {
			frameCounter += 1;
			// All lengths in turn; the thousandth is like the 499th, after which the first measurement is made.
			const frame = sealTelegram(list[(at + 2) % list.length]!.telegram, frameCounter);
			for (let start = 0; start < frame.length; start += 120) {
				await engine.call(Buffer.concat([Uint8Array.of(1), frame.subarray(start, start + 120)]));
			}
		},
		strain: async () => {},
	};
}

/** Messages that the broker must have got by the end, and more. */
const leastMessages = 20;

async function createWhole(memory: Memory): Promise<Eater> {
	const harness = await createHarness("x32", memory);
	const supply = createSupply();
	return {
		engine: harness.engine,
		feed: () => harness.feed(supply.next()),
		async strain() {
			await harness.setBroker(false);
			for (let at = 0; at < 20; at += 1) await harness.feed(supply.next());
			// Everything at once: a session, Home Assistant's discovery, late readings, diagnostics.
			await harness.setBroker(true);
			for (let at = 0; at < 2; at += 1) await harness.feed(supply.next(true));
			await harness.feed(supply.next());
			const { exceptions, messages } = await harness.describe();
			if (exceptions > 0 || messages < leastMessages) throw new Error("the firmware did not run well");
		},
	};
}

/** `foreign`: bytes of the heap that are not the firmware's. */
async function measureUse(create: (memory: Memory) => Promise<Eater>, foreign = 0): Promise<MemoryUse> {
	const roomy: Pools = { chunks: 1 << 18, slots: 1 << 14, stack: 4096 };
	const { engine } = await create(describe(roomy));
	await engine.collect();
	const afterBoot = alive(engine) - foreign;
	await engine.close();
	const pools = { ...roomy };
	pools.stack = await findLeast(create, 8, 1 << 12, stack => ({ ...pools, stack }));
	pools.slots = await findLeast(create, 16, 1 << 14, slots => ({ ...pools, slots }));
	pools.chunks = await findLeast(create, 256, 1 << 18, chunks => ({ ...pools, chunks }));
	for (;;) {
		const run = await feedMany(create, pools, count);
		if (run !== null) return { afterBoot, smallest: sumOf(pools), growth: run.growth, stack: pools.stack * slotSize };
		pools.chunks += 256;
		pools.slots += 16;
		pools.stack += 8;
	}
}

/** By bisection with a few telegrams: the least multiple of `step` with which they pass. */
async function findLeast(
	create: (memory: Memory) => Promise<Eater>,
	step: number,
	most: number,
	pools: (size: number) => Pools,
): Promise<number> {
	let low = 0;
	let high = most / step;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if ((await feedMany(create, pools(middle * step), 9)) === null) low = middle;
		else high = middle;
	}
	return high * step;
}

function alive({ figures }: XsEngine): number {
	return figures.slots * figures.slotSize + figures.chunks;
}

/**
 * Pools of a fixed size, as the SDK recommends for the device: one that grows would be torn into pieces too small for a large chunk.
 */
interface Pools {
	/** Bytes. */
	chunks: number;
	/** Slots. */
	slots: number;
	stack: number;
}

function describe({ chunks, slots, stack }: Pools): Memory {
	return { chunks: [chunks, 0], slots: [slots, 0], stack, keys: [64, 32] };
}

function sumOf({ chunks, slots, stack }: Pools): number {
	return chunks + (slots + stack) * slotSize;
}

interface Run {
	growth: number;
}

/** Feeds telegrams, then strains; null if the machine ends. */
async function feedMany(
	create: (memory: Memory) => Promise<Eater>,
	pools: Pools,
	telegrams: number,
): Promise<Run | null> {
	let eater: Eater | null = null;
	let before = 0;
	try {
		eater = await create(describe(pools));
		for (let at = 0; at < telegrams; at += 1) {
			await eater.feed(at);
			if (at !== early - 1 && at !== telegrams - 1) continue;
			await eater.engine.collect();
			if (at === early - 1) before = alive(eater.engine);
		}
		const growth = alive(eater.engine) - before;
		await eater.strain();
		return { growth };
	} catch (error) {
		if (!/memory full|stack overflow/.test(String(error))) throw error;
		return null;
	} finally {
		await eater?.engine.close();
	}
}

async function measureFlash(): Promise<Record<string, number>> {
	const harness = await createHarness("x32", workingMemory);
	await harness.close();
	const flash: Record<string, number> = {};
	for (const [path, size] of Object.entries(harness.engine.codes)) {
		const folder = path.startsWith("modules/") ? path.split("/").slice(0, 2).join("/") : path;
		if (folder === path && path !== "aes-js") continue;
		flash[folder] = (flash[folder] ?? 0) + size;
	}
	return flash;
}
