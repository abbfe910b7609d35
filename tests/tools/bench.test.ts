/** Tests of `tools/bench.ts`. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { accept, createReader } from "../../modules/p1/reader.js";
import { poolsFor } from "../../modules/settings/heap.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { type Budget, compareBudget, listCounts, updateBudget } from "../../tools/bench/budget.js";
import { key, listTelegrams, overhead, padTelegram, sealTelegram } from "../../tools/bench/frames.js";
import { type Counts, measureCounts } from "../../tools/bench/measure.js";

const budget: Budget = JSON.parse(readFileSync(new URL("../../budget.json", import.meta.url), "utf8"));

describe("the counts of the benchmark", () => {
	let counts: Counts;

	beforeAll(async () => {
		counts = await measureCounts();
	});

	it("keep to the budget; if not, run `npm run bench -- --accept` with the reason", () => {
		expect(compareBudget(listCounts(counts), budget)).toEqual([]);
	});

	it("open 1 KiB with at most 24 million instructions, at half the price of every peer that fits into an ESP32", () => {
		const [own, baseline, ...peers] = counts.open;
		expect(own!.instructions).toBeLessThanOrEqual(24_000_000);
		expect(baseline!.instructions / own!.instructions).toBeGreaterThanOrEqual(1.5);
		expect(peers.length).toBe(4);
		for (const { name, instructions, importedBytes, preloads } of peers) {
			const fits = preloads || importedBytes < 200_000;
			expect(instructions / own!.instructions, name).toBeGreaterThanOrEqual(fits ? 2 : 1.4);
		}
	});

	it("read an expected frame of 1234 bytes with at most 8 million instructions after its last byte", () => {
		expect(counts.telegram.find(({ length }) => length === 1234)!.instructions).toBeLessThanOrEqual(8_000_000);
	});

	it("are of no run of more than 4 million instructions, but for the opening of a frame that nobody expects", () => {
		expect(counts.runs.expected).toBeLessThanOrEqual(4_000_000);
		expect(counts.runs.first).toBeLessThanOrEqual(4_000_000);
		expect(counts.runs.layouts).toBeLessThanOrEqual(4_000_000);
	});

	it("are of no run of more than 4 million instructions with three meters or six, whose telegrams come as expected", () => {
		expect(counts.meters.map(({ meters, lines }) => [meters, lines])).toEqual([
			[1, 1],
			[3, 3],
			[3, 1],
			[6, 2],
			[6, 1],
		]);
		for (const { name, longestRun } of counts.meters) {
			expect(longestRun, name).toBeGreaterThan(1_000_000);
			expect(longestRun, name).toBeLessThanOrEqual(4_000_000);
		}
	});

	it("are of heaps for several meters that settings have room for, and not half as much again, which a hostile telegram needs", () => {
		for (const { name, meters, lines, slots, chunks } of counts.meters) {
			const { integrations } = checkSettings(readConfiguration({}), "wifi", null).settings;
			const believed = poolsFor(integrations, false, meters, lines);
			for (const share of [slots / believed.slots, chunks / believed.chunks]) {
				expect(share, name).toBeGreaterThan(0.67);
				expect(share, name).toBeLessThan(1.03);
			}
		}
	});

	it("are at most 150 thousand instructions for a hostile byte", () => {
		expect(counts.hostile.instructions).toBeLessThanOrEqual(150_000);
	});

	it("answer a request with at most 4 KB of heap, its connection included", () => {
		for (const { path, first, again } of counts.requests) {
			expect(Math.max(first, again), path).toBeLessThanOrEqual(4_096);
		}
	});

	it("answer the page in two browsers at once with at most 6 KB of heap", () => {
		expect(counts.browsers.peak).toBeLessThanOrEqual(6_144);
	});

	it("are for a request itself, with a browser's header, at most a million instructions", () => {
		expect(counts.requests.find(({ path }) => path === "/healthz")!.instructions).toBeLessThanOrEqual(1_000_000);
	});

	it("hold the LoRaWAN stack in 4 KB of heap, and make its uplink with at most 3 million instructions", () => {
		const { joined, uplink } = counts.lorawan;
		expect(16 * joined.slots + joined.chunks).toBeLessThanOrEqual(4_096);
		expect(uplink).toBeLessThanOrEqual(3_000_000);
	});

	it("keep the firmware within 40 KB after the boot and 80 KB in all, three meters within 92 KB and six within 100", () => {
		const { afterBoot, smallest, stack } = counts.memory.firmware;
		expect(afterBoot).toBeLessThanOrEqual(40 * 1024);
		expect(smallest).toBeLessThanOrEqual(80 * 1024);
		for (const { name, meters, slots, chunks } of counts.meters) {
			const limit = meters === 1 ? 80 : meters === 3 ? 92 : 100;
			expect(chunks + 16 * slots + stack, name).toBeLessThanOrEqual(limit * 1024);
		}
	});

	it("grow with a telegram's length and not faster", () => {
		const [, middle, long, longest] = counts.growth;
		const slope = (one: typeof middle, other: typeof middle) =>
			(other!.instructions - one!.instructions) / (other!.length - one!.length);
		expect(slope(long, longest) / slope(middle, long)).toBeLessThan(1.1);
	});

	it("keep the core within 24 KB after the boot and 40 KB in all, and it grows by nothing", () => {
		const { core } = counts.memory;
		expect(core.afterBoot).toBeLessThanOrEqual(24 * 1024);
		expect(core.smallest).toBeLessThanOrEqual(40 * 1024);
		expect(core.growth).toBe(0);
	});
});

describe("the budget", () => {
	const known: Budget = { a: { count: 1000, why: "so" }, b: { count: 0, why: "none" } };

	it("takes what moved by 2 % and refuses more, in both directions", () => {
		expect(compareBudget({ a: 1020, b: 0 }, known)).toEqual([]);
		expect(compareBudget({ a: 980, b: 0 }, known)).toEqual([]);
		expect(compareBudget({ a: 1021, b: 0 }, known)).toEqual(["a: 1021 instead of 1000 (2.1 %)"]);
		expect(compareBudget({ a: 979, b: 0 }, known)).toEqual(["a: 979 instead of 1000 (-2.1 %)"]);
		expect(compareBudget({ a: 1000, b: 1 }, known)).toEqual(["b: 1 instead of 0"]);
	});

	it("misses no count, and none that is gone", () => {
		expect(compareBudget({ a: 1000, b: 0, c: 5 }, known)).toEqual(["c: 5, and budget.json has no such entry"]);
		expect(compareBudget({ a: 1000 }, known)).toEqual(["b: in budget.json, but not measured"]);
	});

	it("wants a reason", () => {
		expect(compareBudget({ a: 1000 }, { a: { count: 1000, why: " " } })).toEqual(["a: budget.json does not say why"]);
	});

	it("is updated with the reason only where a count moved", () => {
		expect(updateBudget({ a: 1010, b: 7 }, known, "because")).toEqual({
			a: { count: 1010, why: "so" },
			b: { count: 7, why: "because" },
		});
	});
});

describe("the telegrams of the benchmark", () => {
	it("have the lengths they are called by, and are read without a fault", () => {
		const telegrams = [
			...listTelegrams().map(({ telegram, length }) => ({ telegram, frame: length })),
			...[500, 2000, 8000, 11_474].map(length => ({ telegram: padTelegram(length), frame: length + overhead })),
		];
		expect(telegrams.map(({ frame }) => frame).slice(0, 3)).toEqual([647, 1234, 1519]);
		let count = 0;
		const reader = createReader({ key, authentication: "required" }, () => {
			count += 1;
		});
		for (const { telegram, frame } of telegrams) {
			const bytes = sealTelegram(telegram, count + 1);
			expect(bytes.length).toBe(frame);
			accept(reader, bytes, 0, bytes.length, 0);
		}
		expect(count).toBe(7);
		expect(Object.values(reader.faults).every(value => value === 0)).toBe(true);
		expect(reader.counters.discarded).toBe(0);
	});
});
