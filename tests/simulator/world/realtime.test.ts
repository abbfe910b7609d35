import { expect, test } from "vitest";
import { createWorldClock, plan, second } from "../../../simulator/world/clock.js";
import { createRealtime, endRealtime, enqueueExternal, keepRealtime } from "../../../simulator/world/live/realtime.js";

test("the world's time passes as fast as the computer's", async () => {
	const clock = createWorldClock();
	const realtime = createRealtime(clock);
	const heard: { at: number; real: number }[] = [];
	const start = performance.now();
	const look = (count: number) =>
		plan(clock, 0.1 * second, () => {
			heard.push({ at: clock.now, real: (performance.now() - start) * 1000 });
			if (count > 1) look(count - 1);
			else endRealtime(realtime);
		});
	look(4);
	await keepRealtime(realtime);
	expect(heard.map(({ at }) => at)).toEqual([0.1, 0.2, 0.3, 0.4].map(seconds => seconds * second));
	// Never early; how late depends on what else the computer has to do.
	for (const { at, real } of heard) expect(real).toBeGreaterThan(at - 2_000);
});

test("what happens outside comes in order, at the time it is, and not in the middle of something else", async () => {
	const clock = createWorldClock();
	const realtime = createRealtime(clock);
	const heard: string[] = [];
	plan(clock, 0, async () => {
		heard.push("begins");
		await new Promise(resolve => setTimeout(resolve, 60));
		heard.push("ends");
	});
	setTimeout(() => {
		for (const name of ["first", "second"]) enqueueExternal(realtime, () => heard.push(name));
	}, 20);
	// There is nothing planned then: news must end the pause.
	setTimeout(() => {
		enqueueExternal(realtime, () => {
			heard.push(`third after ${clock.now >= 0.14 * second ? "long" : "short"}`);
			plan(clock, 0, () => {
				heard.push("because of it");
				endRealtime(realtime);
			});
		});
	}, 150);
	const start = performance.now();
	await keepRealtime(realtime);
	expect(heard).toEqual(["begins", "ends", "first", "second", "third after long", "because of it"]);
	expect(performance.now() - start).toBeLessThan(900);
});

test("a failure of the world ends it", async () => {
	const clock = createWorldClock();
	const realtime = createRealtime(clock);
	plan(clock, 1_000, () => {
		throw new Error("broken");
	});
	await expect(keepRealtime(realtime)).rejects.toThrow("broken");
});
