/** Tests of the line with which `npm test` ends. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const suite = `
describe("of the meter", () => {
	test("frames", () => {});
	test("faults", () => {});
	test.skip("faults to come", () => {});
});
test("a meter's time", () => {});
test("what is wrong", () => { throw new Error("it is"); });
`;

/** The last line and the exit code of a run over that suite. */
function run(...words: string[]): Promise<{ last: string; code: number }> {
	const folder = mkdtempSync(join(tmpdir(), "smarty-suite-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, "suite.test.js"), suite);
	const reporter = `--reporter=${resolve("tests/support/closing-line.ts")}`;
	const parameters = ["node_modules/vitest/vitest.mjs", "run", "--globals", "--root", folder, reporter, ...words];
	return new Promise(done =>
		execFile(process.execPath, parameters, (error, output) =>
			done({ last: output.trimEnd().split("\n").at(-1)!, code: Number(error?.code ?? 0) }),
		),
	);
}

test("whatever did not pass has failed", async () => {
	expect(await run()).toEqual({ last: "3 passed, 2 failed", code: 1 });
});

test.each([
	["frames", "1 passed, 0 failed", 0],
	["of the meter f", "2 passed, 1 failed", 1],
	["^what", "0 passed, 1 failed", 1],
	["meter", "3 passed, 1 failed", 1],
])("of the tests that -t leaves out nothing is said: -t %j", async (name, last, code) => {
	expect(await run("-t", name)).toEqual({ last, code });
});
