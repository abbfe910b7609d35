/** The XS machine's watchdog looks at processor time. */
import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWatchdog, readProcessorTime } from "../../../simulator/engines/watchdog.js";
import { waitUntil } from "../../support/wait.js";

describe("in a time of its own", () => {
	beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
	afterEach(() => vi.useRealTimers());

	/** A process that gets a share of the processor. */
	function watch(share: number | null, timeout: number) {
		const reasons: string[] = [];
		const began = performance.now();
		const readTime = () => (share === null ? null : 5_000 + Math.floor((performance.now() - began) * share));
		const watchdog = createWatchdog(1, timeout, reason => reasons.push(reason), readTime);
		return { reasons, watchdog };
	}

	test.each([1, 0.05, 0.01])("with a share of %d a process may use what it is allowed to, and no more", share => {
		const { reasons, watchdog } = watch(share, 20_000);
		watchdog.start();
		vi.advanceTimersByTime(20_000 / share - 200);
		expect(reasons).toEqual([]);
		vi.advanceTimersByTime(400 / share);
		expect(reasons).toEqual(["did not answer within 20000 ms of processor time"]);
	});

	test("each answer begins anew", () => {
		const { reasons, watchdog } = watch(1, 1_000);
		for (let round = 0; round < 5; round += 1) {
			watchdog.start();
			vi.advanceTimersByTime(900);
		}
		watchdog.stop();
		vi.advanceTimersByTime(1_000_000);
		expect(reasons).toEqual([]);
	});

	test.each([
		["that never runs", 0],
		["of which nothing is known", null],
	])("a process %s is given up after ten times as long", (_, share) => {
		const { reasons, watchdog } = watch(share, 20_000);
		watchdog.start();
		vi.advanceTimersByTime(199_000);
		expect(reasons).toEqual([]);
		vi.advanceTimersByTime(2_000);
		expect(reasons).toEqual(["has not run for 200 s and did not answer"]);
	});
});

test("the processor time of a process rises while it works, and of one that is gone nothing is known", async () => {
	const child = spawn(process.execPath, ["--eval", "for (;;);"], { stdio: "ignore" });
	const ended = new Promise(resolve => child.once("exit", resolve));
	const before = readProcessorTime(child.pid!)!;
	await waitUntil("some work", () => readProcessorTime(child.pid!)! >= before + 100);
	child.kill("SIGKILL");
	await ended;
	expect(readProcessorTime(child.pid!)).toBeNull();
});
