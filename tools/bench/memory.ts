import { createXsEngine, type Memory, type XsEngine } from "../../simulator/engines/xs.js";
import { createBed } from "./bed.js";
import { readDeviceMemory } from "./device.js";
import { key, listTelegrams, sealTelegram } from "./frames.js";

/** XS heap in bytes on a 32-bit machine with everything preloaded. All counts are exact. */
export interface MemoryUse {
	/** Alive after the boot: slots and chunks. */
	afterBoot: number;
	/** The smallest heap in which a thousand telegrams pass: slots, chunks and stack as reserved. */
	smallest: number;
	/** Alive after a thousand telegrams, less what was after a hundred. */
	growth: number;
	/** Most bytes of the stack in use. */
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

/** Something that eats telegrams. */
interface Eater {
	engine: XsEngine;
	feed(telegram: string): Promise<unknown>;
}

const slotSize = 16;
const count = 1000;

export async function measureMemory(): Promise<MemoryCosts> {
	const device = readDeviceMemory();
	return {
		core: await measureUse(createCore),
		firmware: await measureUse(memory => createBed("x32", memory)),
		device: device.chunks[0] + (device.slots[0] + device.stack) * slotSize,
		flash: await measureFlash(),
	};
}

async function createCore(memory: Memory): Promise<Eater> {
	const guest = new URL("./guests/core.ts", import.meta.url);
	const engine = await createXsEngine(guest, { variant: "x32", memory, lines: false });
	let frameCounter = 0;
	await engine.call(Buffer.concat([Uint8Array.of(0), key]));
	return {
		engine,
		async feed(telegram) {
			frameCounter += 1;
			const frame = sealTelegram(telegram, frameCounter);
			for (let at = 0; at < frame.length; at += 120) {
				await engine.call(Buffer.concat([Uint8Array.of(1), frame.subarray(at, at + 120)]));
			}
		},
	};
}

async function measureUse(create: (memory: Memory) => Promise<Eater>): Promise<MemoryUse> {
	const roomy = describe(1 << 18, 4096);
	const { engine, feed } = await create(roomy);
	await engine.collect();
	const afterBoot = alive(engine);
	let stack = 0;
	for (const { telegram } of listTelegrams()) {
		await feed(telegram);
		stack = Math.max(stack, engine.figures.stackPeak);
	}
	await engine.close();
	// A power of two would hide a change; a margin keeps the search from ending at the stack.
	const slots = stack + 64;
	const smallest = await findSmallest(create, slots, afterBoot);
	const growth = await feedMany(create, smallest, slots, count);
	if (growth === null) throw new Error("a heap that was enough is not");
	return { afterBoot, smallest, growth: growth.growth, stack: growth.stack * slotSize };
}

function alive({ figures }: XsEngine): number {
	return figures.slots * figures.slotSize + figures.chunks;
}

/** A heap that grows a little at a time up to a limit. */
function describe(limit: number, stack: number): Memory {
	return { chunks: [1024, 512], slots: [256, 32], stack, keys: [64, 32], limit };
}

/** By bisection to 256 bytes with a few telegrams, then upwards until all pass. */
async function findSmallest(create: (memory: Memory) => Promise<Eater>, stack: number, least: number): Promise<number> {
	const step = 256;
	let low = Math.floor(least / step);
	let high = low + 512;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if ((await feedMany(create, middle * step, stack, 12)) === null) low = middle;
		else high = middle;
	}
	while ((await feedMany(create, high * step, stack, count)) === null) high += 1;
	return high * step;
}

/** Feeds telegrams of all lengths in turn; null if the machine ends. */
async function feedMany(
	create: (memory: Memory) => Promise<Eater>,
	limit: number,
	stack: number,
	telegrams: number,
): Promise<{ growth: number; stack: number } | null> {
	const list = listTelegrams();
	let eater: Eater | null = null;
	let early = 0;
	let peak = 0;
	try {
		eater = await create(describe(limit, stack));
		for (let at = 0; at < telegrams; at += 1) {
			// The last one is the same as the one after which the first measurement was made.
			await eater.feed(list[(at + 2) % list.length]!.telegram);
			peak = Math.max(peak, eater.engine.figures.stackPeak);
			if (at !== 99 && at !== telegrams - 1) continue;
			await eater.engine.collect();
			if (at === 99) early = alive(eater.engine);
		}
		return { growth: alive(eater.engine) - early, stack: peak };
	} catch (error) {
		if (!/memory full|stack overflow/.test(String(error))) throw error;
		return null;
	} finally {
		await eater?.engine.close();
	}
}

async function measureFlash(): Promise<Record<string, number>> {
	const bed = await createBed("x32", { ...readDeviceMemory(), chunks: [1 << 18, 1024] });
	await bed.close();
	const flash: Record<string, number> = {};
	for (const [path, size] of Object.entries(bed.engine.codes)) {
		const folder = path.startsWith("modules/") ? path.split("/").slice(0, 2).join("/") : path;
		if (folder === path && path !== "aes-js") continue;
		flash[folder] = (flash[folder] ?? 0) + size;
	}
	return flash;
}
