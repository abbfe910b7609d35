import { describe, expect, test } from "vitest";
import { join } from "../../modules/lorawan/end-device.js";
import { draw, drawInteger } from "../../simulator/chance.js";
import { boot, createRig, exchange, joinNetwork, schedule, worstHour } from "./rig.js";

/** Hz, and what EN 300 220-2 allows an hour, in ms. */
const law: [from: number, to: number, allowed: number][] = [
	[863e6, 865e6, 3_600],
	[865e6, 868e6, 36_000],
	[868e6, 868.6e6, 36_000],
	[868.7e6, 869.2e6, 3_600],
	[869.4e6, 869.65e6, 360_000],
	[869.7e6, 870e6, 36_000],
];

describe("airtime of an hour, wherever it begins, is never above the law", () => {
	test.each([0, 1, 2, 3])("of a device that sends whenever it may, restarts and joins anew, seed %i", seed => {
		const rig = createRig({ seed: seed * 10, server: { adapts: false } });
		const { chance } = rig;
		joinNetwork(rig);
		// Channels in each sub-band; beside those of the join.
		const frequencies = [864.1e6, 868.9e6, 869.525e6, 869.85e6];
		for (const [at, frequency] of frequencies.entries()) {
			rig.device.link.frequencies[8 + at] = frequency;
			rig.device.link.mask |= 1 << (8 + at);
		}
		for (let count = 0; count < 1_200; count += 1) {
			rig.device.link.dataRate = drawInteger(chance, 6);
			const turn = drawInteger(chance, 100);
			if (turn === 0) boot(rig);
			else if (turn === 1) {
				join(rig.device, Math.floor(rig.clock.now()));
				schedule(rig);
				rig.clock.pass(600_000);
			} else exchange(rig, 1, new Uint8Array(drawInteger(chance, 52)), draw(chance) < 0.3);
		}
		for (const [from, to, allowed] of law) {
			const worst = worstHour(rig.uplinks, from, to);
			expect(worst).toBeLessThanOrEqual(allowed);
			// And it is made use of where the sub-band has a channel that is used as often as it may.
			if (allowed === 36_000 && from === 868e6) expect(worst).toBeGreaterThan(20_000);
		}
		expect(rig.uplinks.length).toBeGreaterThan(1_000);
		expect(rig.known.violations).toEqual([]);
	});

	test("of a device that restarts after every frame", () => {
		const rig = createRig();
		for (let count = 0; count < 300; count += 1) {
			const before = rig.uplinks.length;
			while (rig.uplinks.length === before) rig.clock.pass(500);
			boot(rig);
			rig.device.session = null;
			rig.device.joinTime = rig.clock.now();
			schedule(rig);
			rig.device.joinAttempts = 5;
		}
		expect(worstHour(rig.uplinks, 868e6, 868.6e6)).toBeLessThanOrEqual(36_000);
	});
});
