/** `tools/bin/mcconfig`, which stands before the SDK's. */

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../../tools/sdk/modules.js";

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "smarty-mcconfig-"));
	mkdirSync(join(folder, "tools/bin"), { recursive: true });
	copyFileSync(join(root, "tools/bin/mcconfig"), join(folder, "tools/bin/mcconfig"));
	writeFileSync(join(folder, "main.ts"), "");
	mkdirSync(join(folder, "sdk with a space"));
	const real = join(folder, "sdk with a space/mcconfig");
	writeFileSync(real, '#!/bin/sh\nprintf "%s|" "$@"\nexit 3\n');
	chmodSync(real, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

function call(...folders: string[]) {
	const path = [...folders.map(name => join(folder, name)), "/usr/bin", "/bin"].join(":");
	return spawnSync(join(folder, "tools/bin/mcconfig"), ["-m", "-p", "esp32:targets/lolin_d32", "wifi=My home"], {
		env: { PATH: path },
		encoding: "utf8",
	});
}

it("makes main.ts the newest and hands everything to the SDK's", () => {
	utimesSync(join(folder, "main.ts"), 1000, 1000);
	const { stdout, status } = call("tools/bin", "sdk with a space");
	expect(stdout).toBe("-m|-p|esp32:targets/lolin_d32|wifi=My home|");
	expect(status).toBe(3);
	expect(statSync(join(folder, "main.ts")).mtimeMs).toBeGreaterThan(2000 * 1000);
});

it("says that the SDK's is missing", () => {
	const { stderr, status } = call("tools/bin");
	expect(stderr).toContain("Moddable SDK");
	expect(status).toBe(127);
});
