/** The world in the computer's time, which here passes only when the tests say so. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createWorldClock, plan, second } from "../../../simulator/world/clock.js";
import { createRealtime, endRealtime, enqueueExternal, keepRealtime } from "../../../simulator/world/live/realtime.js";

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => vi.useRealTimers());

test("the world's time passes as fast as the computer's", async () => {
	const clock = createWorldClock();
	const realtime = createRealtime(clock);
	const heard: number[] = [];
	const look = (count: number) =>
		plan(clock, 0.1 * second, () => {
			heard.push(clock.now);
			if (count > 1) look(count - 1);
			else endRealtime(realtime);
		});
	look(4);
	const ended = keepRealtime(realtime);
	for (let count = 1; count <= 4; count += 1) {
		await vi.advanceTimersByTimeAsync(99);
		expect(heard.length).toBe(count - 1);
		await vi.advanceTimersByTimeAsync(1);
		expect(heard.length).toBe(count);
	}
	await ended;
	expect(heard).toEqual([0.1, 0.2, 0.3, 0.4].map(seconds => seconds * second));
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
			heard.push(`third at ${clock.now / second}`);
			plan(clock, 0, () => {
				heard.push("because of it");
				endRealtime(realtime);
			});
		});
	}, 150);
	const ended = keepRealtime(realtime);
	await vi.advanceTimersByTimeAsync(59);
	expect(heard).toEqual(["begins"]);
	await vi.advanceTimersByTimeAsync(91);
	await ended;
	expect(heard).toEqual(["begins", "ends", "first", "second", "third at 0.15", "because of it"]);
});

test("a failure of the world ends it", async () => {
	const clock = createWorldClock();
	const realtime = createRealtime(clock);
	plan(clock, 1_000, () => {
		throw new Error("broken");
	});
	const ended = expect(keepRealtime(realtime)).rejects.toThrow("broken");
	await vi.advanceTimersByTimeAsync(1);
	await ended;
});
