/** Tests of tools: linked. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { measureLinked } from "../../tools/bench/linked.js";
import { formatEngines, formatLinked } from "../../tools/bench/report.js";
import { compareEngines } from "../../tools/bench/sdk-engine.js";

/** Takes the SDK's place: what it would link is 20 words. */
const mcconfig = `#!/bin/sh
out="$4/tmp/esp32/lolin_d32/release/smarty_xs"
mkdir -p "$out/xsProj-esp32/build/config" "$out/modules"
{
	printf '%s:\\n\\ttouch $@\\n' "$out/xsProj-esp32/build/config/sdkconfig.h"
	printf '%s:\\n\\tprintf "#define mxAliasCount 3\\\\n#define mxHeapCount 5\\\\n" > $@\\n' "$out/mc.xs.c"
	printf '\\techo "const int gxHeap[20] = { 1 };" >> $@\\n'
	printf '%s:\\n\\ttouch $@\\n' "$out/mc.resources.c"
	printf '%s:\\n\\txtensa-gcc -DX -c smartyUart.c -o $@\\n' "$out/smartyUart.c.o"
} > "$out/makefile"
`;

let moddable: string;

beforeAll(() => {
	moddable = mkdtempSync(join(tmpdir(), "smarty-moddable-"));
	const tools = join(moddable, "build/bin/lin/release");
	mkdirSync(tools, { recursive: true });
	writeFileSync(join(tools, "mcconfig"), mcconfig);
	chmodSync(join(tools, "mcconfig"), 0o755);
});

afterAll(() => rmSync(moddable, { recursive: true }));

it("measures what is linked, and leaves nothing behind", async () => {
	const list = () => readdirSync(tmpdir()).filter(name => name.startsWith("smarty-linked-"));
	const before = list();
	const linked = await measureLinked({ MODDABLE: moddable, IDF_PATH: "/nowhere" });
	expect(linked).toMatchObject({ flash: 80, objects: 80, aliases: 12, image: 972_640 });
	expect(linked!.share).toBeCloseTo(972_640 / 0x1dc000);
	expect(list()).toEqual(before);
});

it("is left out where something is missing for it", async () => {
	expect(await measureLinked({})).toBeNull();
	expect(await measureLinked({ MODDABLE: "/nowhere", IDF_PATH: "/nowhere" })).toBeNull();
	expect(await measureLinked({ MODDABLE: moddable })).toBeNull();
});

it("is a table of its own in the report, or no table", () => {
	expect(formatLinked({ linked: null })).toBe("");
	const report = formatLinked({ linked: { flash: 2048, objects: 1024, aliases: 12, image: 4096, share: 0.5 } });
	expect(report).toMatch(/`mc\.xs\.c`\)\n\n.*\n.*\n\| 2\.0 KB +\| 1\.0 KB +\| 12 bytes +\| 4\.0 KB +\| 50\.0 % +\|\n$/);
});

it("the SDK's engine stands beside npm's in a table, or nowhere", async () => {
	expect(await compareEngines({})).toBeNull();
	expect(formatEngines({ engines: null })).toBe("");
	const report = formatEngines({ engines: [{ name: "a frame", own: 2_000_000, sdk: 1_990_000 }] });
	expect(report).toMatch(/\n\| a frame +\| 2000\.0 k +\| 1990\.0 k +\| −0\.5 % +\|\n$/);
});
