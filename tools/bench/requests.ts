/** What requests over HTTP take of the firmware's heap. */

import type { Memory } from "../../simulator/engines/contract.js";
import { createSupply } from "./frames.js";
import { createHarness, flashSize, type Harness } from "./harness.js";

/** Bytes of slots and of chunks together, the connection included. */
export interface RequestCost {
	path: string;
	/** With so much of the heap free a request is answered for the first time since the boot, and with so much again. */
	first: number;
	again: number;
	/** Alive while the client takes no more than the answer's beginning. */
	waiting: number;
	/** Bytes of the answer, its header included. */
	length: number;
}

export const requestPaths: readonly string[] = [
	"/metrics",
	"/state",
	"/api/v1/data",
	"/status",
	"/recent",
	"/quarters",
	"/log",
	"/settings",
];

type Pool = "slots" | "chunks";

const pools = { slots: 1 << 13, chunks: 1 << 18 };
const memory: Memory = { chunks: [pools.chunks, 0], slots: [pools.slots, 0], stack: 2048, keys: [64, 32] };
const slotSize = 16;
/** A need is looked for up to so much, until it is found to so many slots and so many bytes. */
const most = { slots: 1024, chunks: 1 << 15 };
const coarse = { slots: 2, chunks: 32 };

export async function measureRequests(): Promise<RequestCost[]> {
	const idle = { slots: await findNeed(null, false, "slots"), chunks: await findNeed(null, false, "chunks") };
	const costs: RequestCost[] = [];
	for (const path of requestPaths) {
		const need = async (again: boolean) => {
			const slots = (await findNeed(path, again, "slots")) - idle.slots;
			return slots * slotSize + (await findNeed(path, again, "chunks")) - idle.chunks;
		};
		costs.push({ path, first: await need(false), again: await need(true), ...(await measureAnswer(path)) });
	}
	return costs;
}

/** The fewest free slots or bytes with which a request passes; without a path, with which next to nothing does. */
async function findNeed(path: string | null, again: boolean, pool: Pool): Promise<number> {
	let [bad, good] = [-1, most[pool]];
	while (good - bad > coarse[pool]) {
		const middle = (good + bad) >> 1;
		if (await passes(path, again, pool, middle)) good = middle;
		else bad = middle;
	}
	return good;
}

/** Whether a firmware that has read two telegrams answers with so much of one pool free and plenty of the other. */
async function passes(path: string | null, again: boolean, pool: Pool, free: number): Promise<boolean> {
	const harness = await start();
	try {
		if (again && path !== null) await harness.ask(path);
		const { slots, chunks } = await collect(harness);
		const rest = pools[pool] - free - (pool === "slots" ? slots : chunks - flashSize);
		await harness.fill(pool === "chunks" ? rest : 0, pool === "slots" ? rest : 0);
		if (path === null) await harness.keep();
		else await harness.ask(path);
		return true;
	} catch (error) {
		if (!/memory full/.test(String(error))) throw error;
		return false;
	} finally {
		await harness.close();
	}
}

async function measureAnswer(path: string): Promise<Pick<RequestCost, "waiting" | "length">> {
	const harness = await start();
	try {
		await harness.ask(path);
		const { status, served, exceptions } = await harness.describe();
		if (status !== 200 || exceptions > 0) throw new Error(`${path} was answered with ${status}`);
		const before = await collect(harness);
		await harness.ask(path, true);
		const after = await collect(harness);
		const waiting = (after.slots - before.slots) * slotSize + after.chunks - before.chunks;
		return { waiting, length: served };
	} finally {
		await harness.close();
	}
}

async function start(): Promise<Harness> {
	const harness = await createHarness("x32", memory, { webPort: "80" });
	const supply = createSupply();
	for (let at = 0; at < 2; at += 1) await harness.feed(supply.next());
	return harness;
}

/** What is alive. The first time the latest request is, too. */
async function collect(harness: Harness): Promise<{ slots: number; chunks: number }> {
	await harness.keep();
	await harness.engine.collect();
	await harness.engine.collect();
	return harness.engine.figures;
}
