/** What the reader gives up, in which order, when the device's memory is short: before WiFi and TCP are without. */
import type { DeviceMemory } from "../ports/ports.js";

/**
 * Each stage includes those before it.
 *
 * 1. `noClients`: the servers take no new clients.
 * 2. `alone`: the servers' clients are ended; each holds up to 8 KiB of what it has not taken yet.
 * 3. `noLate`: late readings and Home Assistant's discovery wait where they are. Nothing of them is lost.
 * 4. `latest`: what waits for the broker is given up. Readings come late, other messages when there are new ones.
 */
export type MemoryStage = "enough" | "noClients" | "alone" | "noLate" | "latest";

const stages: readonly MemoryStage[] = Object.freeze(["enough", "noClients", "alone", "noLate", "latest"]);

/**
 * With fewer free bytes a stage begins, the first for `noClients`. WiFi's driver takes 1.6 KB for each packet that it holds, up to 12 in
 * each direction, and a connection up to 8 KiB for what it sends and as much for what it receives.
 */
const limits: readonly number[] = Object.freeze([24_576, 20_480, 16_384, 12_288]);
/** So many more bytes must be free before a stage ends. */
const margin = 8_192;
/** How long a stage lasts at least, and how often memory is looked at. */
const stageMs = 10_000;
const lookMs = 1_000;

export interface MemoryWatch {
	stage: MemoryStage;
	/** When the stage began or was confirmed, and when memory must be looked at again, monotonic milliseconds. */
	since: number;
	deadline: number;
	/** Failed allocations up to the last look. */
	failures: number;
	/** Since the boot: how often a stage after `enough` began, clients ended or refused, and messages given up. */
	shortages: number;
	clients: number;
	messages: number;
}

export function createMemoryWatch(now: number): MemoryWatch {
	return { stage: "enough", since: now, deadline: now, failures: 0, shortages: 0, clients: 0, messages: 0 };
}

/** Whether memory is at this stage or beyond. */
export function isAtLeast({ stage }: MemoryWatch, wanted: MemoryStage): boolean {
	return stages.indexOf(stage) >= stages.indexOf(wanted);
}

/** Looks at the memory; true when the stage changed. `memory` is null where it means nothing. */
export function advanceMemory(watch: MemoryWatch, memory: DeviceMemory | null, now: number): boolean {
	watch.deadline = now + lookMs;
	if (memory === null) return false;
	const before = stages.indexOf(watch.stage);
	const failed = memory.failures > watch.failures;
	watch.failures = memory.failures;
	// What failed was perhaps too large for any free block: then the number of free bytes says nothing.
	const needed = Math.max(countBelow(memory.free), failed ? stages.indexOf("alone") : 0);
	const lasting = Math.min(before, countBelow(memory.free - margin));
	if (needed >= before || lasting === before) watch.since = needed > 0 || lasting > 0 ? now : watch.since;
	const ends = lasting < before && now >= watch.since + stageMs;
	const next = Math.max(needed, ends ? lasting : before);
	if (next === before) return false;
	watch.stage = stages[next]!;
	watch.since = now;
	if (next > before) watch.shortages += 1;
	return true;
}

/** How many limits so many free bytes are below. */
function countBelow(free: number): number {
	return limits.filter(limit => free < limit).length;
}
