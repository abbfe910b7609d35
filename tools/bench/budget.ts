/** The budget: which counts it has, and how far they may move. */

import type { Counts } from "./measure.js";

/** What `budget.json` says of one count: how much it is, and why it changed last. */
export interface BudgetEntry {
	count: number;
	why: string;
}

export type Budget = Record<string, BudgetEntry>;

/** A change by more than this share, in either direction, has to be explained. */
const tolerance = 0.02;

/** The counts that have a budget, by name. Peers have none: they change with their versions only. */
export function listCounts(measured: Counts): Record<string, number> {
	const { open, telegram, growth, runs, hostile, memory, meters, requests, browsers, handshakes, lorawan } = measured;
	const own = open[0]!;
	const counts: Record<string, number> = {
		"open: Xtensa instructions": own.instructions,
		"open: computrons": own.computrons,
		"open: bytes allocated": own.bytesAllocated,
		"open: key, Xtensa instructions": own.keyInstructions,
	};
	for (const { length, instructions, computrons, bytesAllocated } of telegram) {
		counts[`telegram of ${length}: Xtensa instructions`] = instructions;
		counts[`telegram of ${length}: computrons`] = computrons;
		counts[`telegram of ${length}: bytes allocated`] = bytesAllocated;
	}
	for (const { length, instructions } of growth) counts[`growth at ${length}: Xtensa instructions`] = instructions;
	counts["longest run, telegrams as expected: Xtensa instructions"] = runs.expected;
	counts["longest run, first telegram and discovery: Xtensa instructions"] = runs.first;
	counts["longest run, all layouts and long messages: Xtensa instructions"] = runs.layouts;
	counts["opening of the first telegram: Xtensa instructions"] = runs.opening;
	counts["hostile bytes: Xtensa instructions a byte"] = hostile.instructions;
	for (const part of ["core", "firmware"] as const) {
		const { afterBoot, smallest, growth: grown, stack } = memory[part];
		counts[`memory of the ${part}: bytes after boot`] = afterBoot;
		counts[`memory of the ${part}: smallest heap`] = smallest;
		counts[`memory of the ${part}: bytes of stack`] = stack;
		// The firmware's history fills and empties in blocks, so that only the core's growth means something here.
		if (part === "core") counts["memory of the core: bytes grown over 501 telegrams"] = grown;
	}
	for (const { name, slots, chunks, longestRun } of meters) {
		counts[`meters, ${name}: least slots`] = slots;
		counts[`meters, ${name}: least bytes of chunks`] = chunks;
		counts[`meters, ${name}: longest run, Xtensa instructions`] = longestRun;
	}
	for (const { path, first, again, waiting, instructions } of requests) {
		counts[`request for ${path}: bytes of heap, first`] = first;
		counts[`request for ${path}: bytes of heap, again`] = again;
		counts[`request for ${path}: bytes alive while its client waits`] = waiting;
		counts[`request for ${path}: Xtensa instructions with a browser's header`] = instructions;
	}
	counts["page in two browsers at once: bytes of heap"] = browsers.peak;
	for (const { name, instructions, heap, stack } of handshakes) {
		counts[`handshake, ${name}: Xtensa instructions`] = instructions;
		counts[`handshake, ${name}: bytes of heap`] = heap;
		counts[`handshake, ${name}: bytes of stack`] = stack;
	}
	for (const state of ["created", "joined"] as const) {
		counts[`lorawan, ${state} device: slots`] = lorawan[state].slots;
		counts[`lorawan, ${state} device: bytes of chunks`] = lorawan[state].chunks;
	}
	counts["lorawan, uplink of 11 bytes: bytes allocated"] = lorawan.allocated;
	counts["lorawan, uplink of 11 bytes: Xtensa instructions"] = lorawan.uplink;
	counts["lorawan, join accept: Xtensa instructions"] = lorawan.accept;
	counts["lorawan, downlink of 11 bytes: Xtensa instructions"] = lorawan.downlink;
	counts["lorawan, frame for another device: Xtensa instructions"] = lorawan.foreign;
	for (const [folder, size] of Object.entries(memory.flash)) counts[`flash: bytes of ${folder}`] = size;
	return counts;
}

/** Every disagreement, one line each; none when all is within the budget. */
export function compareBudget(counts: Record<string, number>, budget: Budget): string[] {
	const complaints: string[] = [];
	for (const [name, count] of Object.entries(counts)) {
		const entry = budget[name];
		if (entry === undefined) complaints.push(`${name}: ${count}, and budget.json has no such entry`);
		else if (entry.why.trim() === "") complaints.push(`${name}: budget.json does not say why`);
		else if (isMoved(count, entry.count)) {
			const percent = entry.count === 0 ? "" : ` (${(((count - entry.count) / entry.count) * 100).toFixed(1)} %)`;
			complaints.push(`${name}: ${count} instead of ${entry.count}${percent}`);
		}
	}
	for (const name of Object.keys(budget)) {
		if (!(name in counts)) complaints.push(`${name}: in budget.json, but not measured`);
	}
	return complaints;
}

function isMoved(count: number, expected: number): boolean {
	return Math.abs(count - expected) > Math.abs(expected) * tolerance;
}

/** The budget with `counts`; what moved by more than the tolerance gets `why`. */
export function updateBudget(counts: Record<string, number>, budget: Budget, why: string): Budget {
	const updated: Budget = {};
	for (const [name, count] of Object.entries(counts)) {
		const entry = budget[name];
		updated[name] = entry !== undefined && !isMoved(count, entry.count) ? { count, why: entry.why } : { count, why };
	}
	return updated;
}
