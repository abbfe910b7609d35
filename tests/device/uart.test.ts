/** The UART driver's C, compiled for this computer over an ESP-IDF of its own that has a ring, a queue and a clock. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = new URL("../../modules/device/uart/esp32/", import.meta.url).pathname;
const harness = new URL("uart/", import.meta.url).pathname;
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-uart-"));
	const text = readFileSync(join(source, "smartyUart.c"), "utf8");
	// Each header that the driver includes is the harness.
	for (const [, name] of text.matchAll(/^#include "(.+)"/gm)) {
		const path = join(folder, name!);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, "");
	}
	const words = ["-g", "-fsanitize=address,undefined", "-I", folder, "-I", source, "-I", harness];
	execFileSync("gcc", [...words, "-o", join(folder, "uart"), join(harness, "harness.c")], { stdio: "pipe" });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(course: string): Record<string, string> {
	const env = { ASAN_OPTIONS: "detect_stack_use_after_return=0:detect_leaks=0" };
	// The sanitizer says of each run that it does not know coroutines well.
	const output = execFileSync(join(folder, "uart"), [course], { encoding: "utf8", env, stdio: "pipe" });
	return Object.fromEntries(
		output
			.trim()
			.split("\n")
			.map(line => line.split(": ")),
	);
}

test("what was received before a break is still there after it, and the break is counted once", () => {
	expect(run("break")).toEqual({
		"receiving in the break": "0",
		"receiving after it": "1",
		calls: "1",
		read: "a whole frame, and the next",
		breaks: "1",
	});
});

test.each([
	["close", "10 ms"],
	["close in a break", "10 ms"],
	["close with a full queue", "10 ms"],
])("%s: waits for %s at most, and gives the port back", (course, waited) => {
	const facts = run(course);
	expect(facts).toMatchObject({ installed: "0" });
	expect(parseInt(facts.waited!, 10)).toBeLessThanOrEqual(parseInt(waited, 10));
});

test("a task that waits for the machine, which closes it, is waited for one second; it gives the port back when it goes on", () => {
	expect(run("close while the task is stuck")).toEqual({
		waited: "1000 ms",
		installed: "1",
		"later installed": "0",
		calls: "0",
		"opened again": "1",
	});
});

test("two lines have one task, and a break of the one costs the other nothing", () => {
	expect(run("two lines")).toEqual({
		calls: "101",
		receiving: "0 and 1",
		"breaks of the one": "1",
		"framing errors of the one": "1",
		"breaks of the other": "0",
		read: "0123456789".repeat(10).slice(0, 99),
		installed: "0 and 1",
	});
});

test("an error each millisecond is counted each time, without a break and without more than a call each look", () => {
	const facts = run("noise");
	expect(facts).toMatchObject({ breaks: "0", "framing errors": "1000" });
	expect(Number(facts.calls)).toBeGreaterThan(100);
	expect(Number(facts.calls)).toBeLessThanOrEqual(201);
});

test("a driver that refuses its pins is taken out again", () => {
	const output = spawnSync(join(folder, "uart"), ["refused"], { encoding: "utf8" });
	expect(output.stdout.trim()).toBe("failed: uart: the driver refused\ninstalled: 0");
	expect(output.status).toBe(1);
});

test.each([
	["third line", "hears GPIO 19 inverted, pull-up at 19, speaks at 1"],
	["third line at an input", "hears GPIO 35 inverted, pull-up at 3, speaks at 1"],
])("%s: the console's port hears the meter, goes on to speak, and is given back", (course, pins) => {
	expect(run(course)).toEqual({
		console: "hears GPIO 3, pull-up at 3, speaks at 1",
		"third line": pins,
		read: "a meter's frame",
		"GPIO 1 says": "the log goes on",
		"console again": "hears GPIO 3, pull-up at 3, speaks at 1",
		installed: "0",
	});
});

test.each([
	["third line beside the console", "failed: uart: port in use"],
	["third line without a pin to speak", "failed: uart: transmitPin cannot send"],
])("%s is refused", (course, refusal) => {
	const output = spawnSync(join(folder, "uart"), [course], { encoding: "utf8" });
	expect(output.stdout.trim()).toBe(refusal);
	expect(output.status).toBe(1);
});
