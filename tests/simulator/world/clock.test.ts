/** Tests of `simulator/world/clock.ts`. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cancel, createWorldClock, plan, runUntil } from "../../../simulator/world/clock.js";

test("actions come in the order of their times, and of their planning within one time", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 200 }), async delays => {
			const clock = createWorldClock();
			const seen: [at: number, order: number][] = [];
			delays.forEach((delay, order) => {
				plan(clock, delay, () => {
					seen.push([clock.now, order]);
				});
			});
			await runUntil(clock, 50);
			const expected = delays.map((delay, order) => [delay, order] as [number, number]);
			expected.sort(([left, one], [right, other]) => left - right || one - other);
			expect(seen).toEqual(expected);
		}),
	);
});

test("what is planned by an action happens in its place", async () => {
	const clock = createWorldClock();
	const seen: string[] = [];
	plan(clock, 10, () => {
		seen.push("first");
		plan(clock, 0, () => void seen.push("at once"));
		plan(clock, 5, () => void seen.push("before the second"));
	});
	plan(clock, 20, () => void seen.push("second"));
	await runUntil(clock, 100);
	expect(seen).toEqual(["first", "at once", "before the second", "second"]);
	expect(clock.now).toBe(100);
});

test("what is cancelled does not happen, and what lies beyond the end waits", async () => {
	const clock = createWorldClock();
	const seen: string[] = [];
	const cancelled = plan(clock, 10, () => void seen.push("cancelled"));
	plan(clock, 5, () => cancel(cancelled));
	plan(clock, 20, () => void seen.push("later"));
	await runUntil(clock, 19);
	expect(seen).toEqual([]);
	await runUntil(clock, 20);
	expect(seen).toEqual(["later"]);
});

test("time stands still while an action is waited for", async () => {
	const clock = createWorldClock();
	const seen: string[] = [];
	plan(clock, 1, async () => {
		await new Promise(resolve => setImmediate(resolve));
		seen.push(`slow ${clock.now}`);
	});
	plan(clock, 1, () => void seen.push(`quick ${clock.now}`));
	await runUntil(clock, 10);
	expect(seen).toEqual(["slow 1", "quick 1"]);
});

test("nothing is planned before now", () => {
	expect(() => plan(createWorldClock(), -1, () => {})).toThrow("-1 µs from now");
	expect(() => plan(createWorldClock(), Number.NaN, () => {})).toThrow("NaN µs from now");
});
