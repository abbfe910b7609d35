/** Tests of the tools that build with the SDK. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isOurs } from "../../tools/sdk/build.js";
import { root } from "../../tools/sdk/modules.js";

describe("npm run check:sdk", () => {
	it("says that it skipped everything where there is no SDK", () => {
		const { MODDABLE: _moddable, IDF_PATH: _idf, ...env } = process.env;
		const options = { cwd: root, encoding: "utf8", env } as const;
		const run = spawnSync(process.execPath, ["--import", "tsx", "tools/check-sdk.ts"], options);
		expect(run.stderr).toBe("");
		expect(run.stdout).toMatch(/^SKIPPED everything: MODDABLE[^\n]*\n$/);
		expect(run.status).toBe(0);
	});

	it.each([
		"### warning: main: default() createFirmware() table: not frozen",
		"### warning: modules/p1/obis: registers: not frozen",
		"### warning: device/uart: openUart() count: no const",
		"### warning: globalThis.module: not frozen",
		`${root}modules/device/uart/esp32/uart.ts:20: warning: cannot optimize native!`,
	])("%s is about us", line => {
		expect(isOurs(line)).toBe(true);
	});

	it.each([
		"### warning: ssl/cache: default: not frozen",
		"### warning: main: default() m() N() makePage.prototype: not frozen",
		"### warning: aes-js: default.AES.prototype.encrypt() T1: no const",
		"### warning: main: default() createPorts() createStore() Preference.#cache: not frozen",
		"### warning: device/announcer: createAnnouncer() DNSSD() dnssd: no const",
		"/sdk/modules/io/socket/lwip/listener.js:26: warning: cannot optimize native!",
	])("%s is not", line => {
		expect(isOurs(line)).toBe(false);
	});
});

describe("the stand-in for idf.py", () => {
	it("turns an sdkconfig into the header that the makefile waits for", () => {
		const folder = mkdtempSync(join(tmpdir(), "smarty-idf-"));
		const header = join(folder, "build/config/sdkconfig.h");
		writeFileSync(join(folder, "sdkconfig.mc"), '# comment\nCONFIG_A=y\nCONFIG_B=n\nCONFIG_C=20\nCONFIG_D="text"\n');
		const defines = [`SDKCONFIG_DEFAULTS=${join(folder, "sdkconfig.mc")}`, `SDKCONFIG_HEADER=${header}`];
		execFileSync(join(root, "tools/sdk/idf.py"), ["reconfigure", "-D", defines[0]!, "-D", defines[1]!]);
		expect(readFileSync(header, "utf8")).toBe('#define CONFIG_A 1\n#define CONFIG_C 20\n#define CONFIG_D "text"\n');
		rmSync(folder, { recursive: true });
	});
});
