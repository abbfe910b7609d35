/** Tests of simulator: everything. */
import { expect, test } from "vitest";
import { runScenario } from "../../../simulator/world/run.js";

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])("six hours of everything, seed %i", async seed => {
	const summary = await runScenario({ scenario: "everything", seed, hours: 6, engine: "node" });
	expect(summary.violations).toEqual([]);
	expect(summary).toMatchObject({ readingsLost: 0, outOfOrder: 0, wrongValues: 0 });
	expect(summary.readingsDelivered).toBeGreaterThan(1000);
});
