/** The C of the pulse input, compiled for this computer over an ESP-IDF of its own with a counter, an interrupt and a clock. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const source = new URL("../../modules/device/pulses/esp32/", import.meta.url).pathname;
const harness = new URL("pulses/", import.meta.url).pathname;
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-pulses-"));
	const text = readFileSync(join(source, "smartyPulses.c"), "utf8");
	// Each header that it includes is the harness.
	for (const [, name] of text.matchAll(/^#include "(.+)"/gm)) {
		const path = join(folder, name!);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, "");
	}
	const words = ["-g", "-fsanitize=address,undefined", "-I", folder, "-I", source, "-I", harness];
	execFileSync("gcc", [...words, "-o", join(folder, "pulses"), join(harness, "harness.c")], { stdio: "pipe" });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(course: string): string[] {
	const env = { ASAN_OPTIONS: "detect_leaks=0" };
	return execFileSync(join(folder, "pulses"), [course], { encoding: "utf8", env, stdio: "pipe" }).trim().split("\n");
}

test("350 pulses a second for an hour are counted to the last one, over writes of the flash and looks that come late", () => {
	expect(run("hour")).toEqual(["counted: 1260000", "stray times: 0"]);
});

test("the first and the newest have their times; what the filter takes for a glitch has none, and none is told twice", () => {
	expect(run("times")).toEqual([
		"nothing: 0 -5000 -5000 0",
		"three: 3 100000 300000 400000",
		"under way: 0 500000 500000 500001",
		"through: 1 500000 500000 600000",
		"a glitch: 0 700000 700000 800000",
		"after it: 1 900000 900000 1000000",
		"in an erase: 2 1205000 1205000 1205000",
		"after the erase: 0 1295000 1295000 1395000",
	]);
});

test("a contact that bounces gives one pulse each time, without a unit of the counter", () => {
	const facts = run("bounce");
	expect(facts.slice(0, 2)).toEqual(["pull: down", "units: 0"]);
	expect(facts[2]).toMatch(/^a hundred: 100 1000000 20800000 /);
});

test("what cannot be is said, and nothing stays taken", () => {
	expect(run("refused")).toEqual([
		"failed: pulses: no counter left, or the driver refused",
		"failed: pulses: no counter left, or the driver refused",
		"used: 0",
		"failed: pulses: no such pin",
		"failed: pulses: pause out of range",
	]);
});

test("closed, it gives unit and interrupt back, once", () => {
	expect(run("close")).toEqual(["pull: up", "interrupt: falling", "used: 0", "interrupt off: 1", "handler: 0"]);
});

test("a number is kept under its tag up to 2^53 - 1, and nothing else is believed", () => {
	expect(run("retained")).toEqual([
		"kept: 9007199254740991",
		"another tag: nothing",
		"another bit: nothing",
		"failed: pulses: no such place",
	]);
});
