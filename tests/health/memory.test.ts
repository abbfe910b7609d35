/** The stages in which memory is given up, over every course of free memory. */

import { describe, expect, test } from "vitest";
import { advanceMemory, createMemoryWatch, isAtLeast } from "../../modules/health/memory.js";
import type { DeviceMemory } from "../../modules/ports/ports.js";
import { createChance } from "../support/chance.js";

const KiB = 1024;
const memory = (free: number, failures = 0): DeviceMemory => ({
	free,
	least: free,
	largestBlock: free,
	stackLeft: 4_096,
	failures,
});

describe("stages", () => {
	test.each([
		[64, "enough"],
		[24, "enough"],
		[23, "noClients"],
		[20, "noClients"],
		[19, "alone"],
		[15, "noLate"],
		[11, "latest"],
		[0, "latest"],
	])("with %i KiB free: %s, at once", (free, stage) => {
		const watch = createMemoryWatch(0);
		advanceMemory(watch, memory(free * KiB), 1_000);
		expect(watch.stage).toBe(stage);
		expect(watch.shortages).toBe(stage === "enough" ? 0 : 1);
	});

	test("end one after the other, each ten seconds after there was enough for it, and 8 KiB above its limit", () => {
		const watch = createMemoryWatch(0);
		advanceMemory(watch, memory(11 * KiB), 0);
		advanceMemory(watch, memory(19 * KiB), 60_000);
		expect(watch.stage).toBe("latest");
		advanceMemory(watch, memory(21 * KiB), 61_000);
		advanceMemory(watch, memory(21 * KiB), 69_999);
		expect(watch.stage).toBe("latest");
		advanceMemory(watch, memory(21 * KiB), 70_000);
		expect(watch.stage).toBe("noLate");
		advanceMemory(watch, memory(60 * KiB), 79_999);
		expect(watch.stage).toBe("noLate");
		advanceMemory(watch, memory(60 * KiB), 80_000);
		expect(watch.stage).toBe("enough");
	});

	test("an allocation that failed ends the clients, however much is free, and once", () => {
		const watch = createMemoryWatch(0);
		expect(advanceMemory(watch, memory(60 * KiB, 1), 1_000)).toBe(true);
		expect(watch.stage).toBe("alone");
		expect(advanceMemory(watch, memory(60 * KiB, 1), 12_000)).toBe(true);
		expect(watch.stage).toBe("enough");
	});

	test("mean nothing where memory means nothing", () => {
		const watch = createMemoryWatch(0);
		expect(advanceMemory(watch, null, 1_000)).toBe(false);
		expect(watch.stage).toBe("enough");
	});
});

test("whatever memory does: what is free decides at once, and no stage but the first is left within ten seconds", () => {
	for (let seed = 1; seed <= 100; seed += 1) {
		const chance = createChance(seed);
		const watch = createMemoryWatch(0);
		let [now, begun] = [0, 0];
		for (let round = 0; round < 300; round += 1) {
			now += chance.integer(100, 5_000);
			const free = chance.integer(0, 64) * KiB;
			const before = watch.stage;
			const wasAtLeast = isAtLeast(watch, "alone");
			const changed = advanceMemory(watch, memory(free), now);
			expect(changed).toBe(before !== watch.stage);
			if (free < 12 * KiB) expect(watch.stage).toBe("latest");
			if (free < 24 * KiB) expect(isAtLeast(watch, "noClients")).toBe(true);
			if (wasAtLeast && !isAtLeast(watch, "alone")) expect(now - begun).toBeGreaterThanOrEqual(10_000);
			if (changed) begun = now;
			expect(watch.deadline).toBe(now + 1_000);
		}
	}
});
