/** Tests of tools: growth. */
import { expect, test } from "vitest";
import { measureGrowth } from "../../tools/bench/growth.js";

test("after 5 000 telegrams XS's heap holds as many slots and bytes as after 1 000", async () => {
	const [early, late] = await measureGrowth([1000, 5000]);
	expect(late!.telegrams).toBeGreaterThanOrEqual(5000);
	expect(late!.slots).toBe(early!.slots);
	expect(late!.chunks).toBe(early!.chunks);
});
