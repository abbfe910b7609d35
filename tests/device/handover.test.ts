/** The C that keeps what comes while a connection is handed over, compiled for this computer. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../../tools/sdk/modules.js";

const source = join(root, "modules/device/handover/esp32");
const code = readFileSync(join(source, "smartyHandover.c"), "utf8");
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-handover-"));
	// Each header that it includes is the harness.
	for (const [, name] of code.matchAll(/^#include "(.+)"/gm)) {
		mkdirSync(dirname(join(folder, name!)), { recursive: true });
		writeFileSync(join(folder, name!), "");
	}
	const flags = ["-g", "-Wall", "-Wno-unused-parameter", "-fsanitize=address,undefined"];
	const folders = [folder, source, join(root, "tools/sdk")].flatMap(path => ["-I", path]);
	const harness = join(root, "tests/device/handover/harness.c");
	execFileSync("gcc", [...flags, ...folders, "-o", join(folder, "handover"), harness], { stdio: "pipe" });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("bytes for the socket's connection wait in lwIP, others' do not, and a connection that is gone is left alone", () => {
	const lines = execFileSync(join(folder, "handover"), { encoding: "utf8" }).trim().split("\n");
	expect(lines).toEqual(["held: 0 1 0 1", "bytes: kept", "end: 0", "gone: 0 0 0 0"]);
});

test("defines the function that the module names", () => {
	const named = /native\("(\w+)"\)/.exec(readFileSync(join(source, "handover.ts"), "utf8"))![1]!;
	expect(code).toContain(`\nvoid ${named}(xsMachine *the)\n`);
});
