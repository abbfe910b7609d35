/** What requests over HTTP take of the firmware's heap. */

import type { Memory } from "../../simulator/engines/contract.js";
import type { VariantName } from "../../simulator/xs/variants.js";
import { createSupply } from "./frames.js";
import { createHarness, flashSize, formatRequest, type Harness } from "./harness.js";

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
	/** Xtensa instructions from a request with a browser's header to the last byte of its answer. */
	instructions: number;
}

/** The page in two browsers at once. */
export interface BrowserCost {
	/** Of what the page asks for: of which answer most is alive, and which request needs most. */
	waiting: string;
	asked: string;
	/** With so much of the heap free one of them gets its answer while the other one's waits. */
	peak: number;
}

/** `/healthz` is as much as nothing: what it takes a request takes. */
export const requestPaths: readonly string[] = [
	"/healthz",
	"/",
	"/status",
	"/state",
	"/recent",
	"/quarters",
	"/log",
	"/settings",
	"/metrics",
	"/api/v1/data",
];

/** What the page does not ask for. */
const others: readonly string[] = ["/healthz", "/metrics", "/api/v1/data"];

type Pool = "slots" | "chunks";

/** Requests, one after the other; of a slow one the client takes the answer's beginning only. */
type Asking = readonly (readonly [path: string, isSlow: boolean])[];

const pools = { slots: 1 << 13, chunks: 1 << 18 };
const memory: Memory = { chunks: [pools.chunks, 0], slots: [pools.slots, 0], stack: 2048, keys: [64, 32] };
const slotSize = 16;
/** A need is looked for up to so much, until it is found to so many slots and so many bytes. */
const most = { slots: 1024, chunks: 1 << 15 };
const coarse = { slots: 2, chunks: 32 };

export async function measureRequests(): Promise<RequestCost[]> {
	const idle = await measureIdle();
	const costs: RequestCost[] = [];
	for (const path of requestPaths) {
		const asking: Asking = [[path, false]];
		const [first, again] = [await measureNeed(asking, false, idle), await measureNeed(asking, true, idle)];
		costs.push({ path, first, again, ...(await measureAnswer(path)), instructions: await countInstructions(path) });
	}
	return costs;
}

/** `costs`: of the requests, each by itself. */
export async function measureBrowsers(costs: readonly RequestCost[]): Promise<BrowserCost> {
	const asked = costs.filter(({ path }) => !others.includes(path));
	const find = (figure: "waiting" | "again") =>
		asked.reduce((found, cost) => (cost[figure] > found[figure] ? cost : found)).path;
	const [waiting, next] = [find("waiting"), find("again")];
	const asking: Asking = [
		[waiting, true],
		[next, false],
	];
	return { waiting, asked: next, peak: await measureNeed(asking, true, await measureIdle()) };
}

const measureIdle = () => findNeeds([], false);

/** `again`: they were answered before. `idle`: what is needed without them. */
async function measureNeed(asking: Asking, again: boolean, idle: Record<Pool, number>): Promise<number> {
	const { slots, chunks } = await findNeeds(asking, again);
	return slotSize * (slots - idle.slots) + chunks - idle.chunks;
}

/**
 * The fewest free slots and bytes with which requests pass a firmware that has read two telegrams; without any, with which next to nothing
 * does but that as many bytes come: the board reads them into memory that is there from the boot on.
 */
async function findNeeds(asking: Asking, again: boolean): Promise<Record<Pool, number>> {
	const harness = await start();
	try {
		for (const [path] of again ? asking : []) await harness.ask(path, false, browserFields);
		const alive = await collect(harness);
		const slots = await findNeed("slots", free => passes(harness, asking, 0, pools.slots - alive.slots - free));
		const chunks = await findNeed("chunks", free =>
			passes(harness, asking, pools.chunks - (alive.chunks - flashSize) - free, 0),
		);
		return { slots, chunks };
	} finally {
		await harness.close();
	}
}

async function findNeed(pool: Pool, suffices: (free: number) => Promise<boolean>): Promise<number> {
	let [bad, good] = [-1, most[pool]];
	while (good - bad > coarse[pool]) {
		const middle = (good + bad) >> 1;
		if (await suffices(middle)) good = middle;
		else bad = middle;
	}
	return good;
}

/** Whether requests are answered once so much of the heap is taken. */
async function passes(harness: Harness, asking: Asking, bytes: number, slots: number): Promise<boolean> {
	try {
		await harness.engine.attempt(async () => {
			await harness.fill(bytes, slots);
			for (const [path, isSlow] of asking) await harness.ask(path, isSlow, browserFields);
			if (asking.length === 0) await harness.keep(formatRequest("/", browserFields).length);
		});
		return true;
	} catch (error) {
		if (!/memory full/.test(String(error))) throw error;
		return false;
	}
}

async function measureAnswer(path: string): Promise<Pick<RequestCost, "waiting" | "length">> {
	const harness = await start();
	try {
		await harness.ask(path, false, browserFields);
		const { status, served, exceptions } = await harness.describe();
		if (status !== 200 || exceptions > 0) throw new Error(`${path} was answered with ${status}`);
		const before = await collect(harness);
		await harness.ask(path, true, browserFields);
		const after = await collect(harness);
		const waiting = (after.slots - before.slots) * slotSize + after.chunks - before.chunks;
		return { waiting, length: served };
	} finally {
		await harness.close();
	}
}

/** A browser's, with what it sends to a host in the house: with the first line and the host 440 bytes. */
const browserFields = [
	"Connection: keep-alive",
	"Upgrade-Insecure-Requests: 1",
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
	"Referer: http://192.168.1.50/",
	"Accept-Encoding: gzip, deflate",
	"Accept-Language: en-US,en;q=0.9,de;q=0.8",
];

/** The second time, so that nothing is made for the first time, and after a collection. */
async function countInstructions(path: string): Promise<number> {
	const harness = await start("xtensa");
	try {
		await harness.ask(path, false, browserFields);
		await collect(harness);
		const { instructions } = await harness.ask(path, false, browserFields);
		return instructions;
	} finally {
		await harness.close();
	}
}

async function start(variant: VariantName = "x32"): Promise<Harness> {
	const harness = await createHarness(variant, memory, { webPort: "80" });
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
