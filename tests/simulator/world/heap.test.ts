import { expect, test } from "vitest";
import { measureHeap } from "../../../simulator/world/heap.js";

test("after 5 000 telegrams XS's heap holds as many slots as after 1 000", async () => {
	const [early, late] = await measureHeap([1000, 5000]);
	expect(late!.telegrams).toBeGreaterThanOrEqual(5000);
	expect(late!.slots).toBe(early!.slots);
	// The history's blocks are filled by then, to a phase that differs.
	expect(Math.abs(late!.chunks - early!.chunks)).toBeLessThan(20_000);
}, 180_000);
