/** Tests of `simulator/line.ts`. */
import { describe, expect, it } from "vitest";
import { createChance, draw, drawBytes } from "../../simulator/chance.js";
import { chopStream, damageFrame, damages, disturbFrames, drawNoise } from "../../simulator/line.js";

const frames = Array.from({ length: 200 }, (_, at) => drawBytes(createChance(at), 60));

describe("line", () => {
	it("damages every frame it is told to, in the way it is told", () => {
		const chance = createChance(1);
		for (const frame of frames) {
			for (const damage of damages) {
				const damaged = damageFrame(frame, damage, chance);
				expect(Buffer.from(damaged).equals(frame)).toBe(false);
				const growth = damaged.length - frame.length;
				if (damage === "flip") expect(growth).toBe(0);
				else if (damage === "double") expect(growth).toBe(1);
				else if (damage === "lose") expect(growth).toBe(-1);
				else expect(growth).toBeLessThan(0);
			}
			expect(damageFrame(frame, "none", chance)).toEqual(frame);
		}
	});

	it("says truly which frames are whole in a stream, in order", () => {
		const { bytes, intact } = disturbFrames(frames, 0.5, createChance(2));
		expect(intact.length).toBeGreaterThan(50);
		expect(intact.length).toBeLessThan(150);
		let from = 0;
		for (const at of intact) {
			const found = Buffer.from(bytes).indexOf(frames[at]!, from);
			expect(found).toBeGreaterThanOrEqual(from);
			from = found + frames[at]!.length;
		}
	});

	it("makes every kind of noise, false starts among it", () => {
		const chance = createChance(3);
		const noises = Array.from({ length: 100 }, () => Buffer.from(drawNoise(chance)));
		expect(noises.some(noise => noise.length === 0)).toBe(true);
		expect(noises.some(noise => noise.equals(Buffer.of(0xdb, 0x08)))).toBe(true);
		expect(noises.some(noise => noise.length > 30 && noise[0] === 0xdb && noise[10] === 0x82)).toBe(true);
		expect(noises.some(noise => noise[0] === 0x2f)).toBe(true);
	});

	it("chops a stream without losing a byte", () => {
		const bytes = drawBytes(createChance(4), 5000);
		const chunks = chopStream(bytes, 64, createChance(5));
		expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
		expect(Math.max(...chunks.map(chunk => chunk.length))).toBeLessThanOrEqual(64);
		expect(chunks.length).toBeGreaterThan(100);
	});

	it("repeats itself from its seed", () => {
		const run = (seed: number) => Buffer.from(disturbFrames(frames, 0.3, createChance(seed)).bytes).toString("hex");
		expect(run(6)).toBe(run(6));
		expect(run(6)).not.toBe(run(7));
	});

	it("draws evenly", () => {
		const chance = createChance(0);
		const counts = new Array(10).fill(0);
		for (let time = 0; time < 10_000; time++) counts[Math.floor(draw(chance) * 10)] += 1;
		// Five standard deviations of a binomial distribution around 1000.
		for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
	});
});
