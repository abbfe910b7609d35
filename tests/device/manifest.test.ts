/** Holds `manifest.json` to the modules on disk. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import type { Manifest } from "../../tools/sdk/modules.js";
import { findModules, listPreload, listSources, platforms, readJson, root } from "../../tools/sdk/modules.js";
import { findUnpreloadable } from "./preloaded.js";

const manifest = readJson<Manifest>("manifest.json");

describe("manifest.json", () => {
	it("preloads every module by name", () => {
		expect(manifest.preload).toEqual(listPreload(manifest));
	});

	it.each(["main", "device/uart", "aes-js", "aes-js/index"])("…and %s is one of them", name => {
		expect(listPreload(manifest)).toContain(name);
	});

	it.each(platforms)("finds one file for each module that is switched by platform (%s)", platform => {
		for (const [target, source] of Object.entries(manifest.modules)) {
			if (!String(source).includes("$(PLATFORM)")) continue;
			const folder = join(root, String(source).replace("$(PLATFORM)", platform).slice(2, -2));
			expect(
				readdirSync(folder).filter(name => /\.[tj]s$/.test(name)),
				target,
			).toHaveLength(1);
		}
	});

	it("compiles with the flags of the type check", () => {
		const { compilerOptions } = readJson<{ compilerOptions: Record<string, unknown> }>("tsconfig.json");
		const build = manifest.typescript.tsconfig.compilerOptions;
		for (const flag of ["target", "lib", "strict", "verbatimModuleSyntax"])
			expect(build[flag], flag).toEqual(compilerOptions[flag]);
		expect(build.noCheck).toBe(true);
	});

	it("switches the same modules by platform as the type check, which sees those of a board with a radio", () => {
		const { paths } = readJson<{ compilerOptions: { paths: Record<string, string[]> } }>(
			"tsconfig.json",
		).compilerOptions;
		const modules = findModules(manifest, "esp32");
		const switched = [...modules].filter(([, file]) => file.includes("/esp32/"));
		const radio = { lorawan: ["./modules/device/radio/lorawan.ts"] };
		expect(paths).toEqual({ ...Object.fromEntries(switched.map(([name, file]) => [name, [`./${file}`]])), ...radio });
	});

	it("carries the version of package.json", () => {
		const { name, version } = readJson<{ name: string; version: string }>("package.json");
		expect(manifest.config.version).toBe(`${name} ${version}`);
	});

	it("keeps setup/network asleep and refuses other platforms in words", () => {
		expect(manifest.config).not.toHaveProperty("ssid");
		expect(manifest.platforms["..."]?.error).toMatch(/esp32/);
	});

	it.each(platforms)("imports nothing that it does not build (%s)", platform => {
		const modules = findModules(manifest, platform);
		const imported = listSources()
			.flatMap(importsOf)
			.filter(name => name.startsWith("device/"));
		expect(imported.length).toBeGreaterThan(5);
		for (const name of imported) expect([...modules.keys()]).toContain(name);
	});

	it("has nothing twice: only main, which brings the rest, imports by paths", () => {
		const apart = platforms.flatMap(platform => [...findModules(manifest, platform)]);
		for (const [name, file] of apart.filter(([name]) => name !== "main" && name !== "aes-js/index"))
			expect(
				importsOf(file).filter(specifier => specifier.startsWith(".")),
				name,
			).toEqual([]);
	});
});

/** Specifiers that are left when the types are gone. */
function importsOf(file: string): string[] {
	const text = ts.transpileModule(readFileSync(join(root, file), "utf8"), {
		compilerOptions: { target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
	}).outputText;
	return ts.preProcessFile(text).importedFiles.map(found => found.fileName);
}

describe("preloaded modules", () => {
	it("hold nothing that has to be written", () => {
		const sources = listSources();
		expect(sources).toContain("modules/device/uart/esp32/uart.ts");
		const complaints = sources.flatMap(file =>
			findUnpreloadable(readFileSync(join(root, file), "utf8")).map(complaint => `${file}:${complaint}`),
		);
		expect(complaints).toEqual([]);
	});

	it.each([
		["let count = 0;", "let or var"],
		["export var count = 0;", "let or var"],
		["const bytes = new Uint8Array(4);", "new Uint8Array"],
		["const view = { bytes: [new DataView(new ArrayBuffer(4))] };", "new DataView"],
		["export const seen = new Set<string>();", "new Set"],
		["const names = new Map();", "new Map"],
		["const room = new ArrayBuffer(0, { maxByteLength: 4 });", "new ArrayBuffer"],
		["const words = Int32Array.of(1, 2);", "Int32Array.of"],
		["class A { static count = 0; }", "static field"],
		["const table = { a: 1 };\nfunction f() { return JSON.stringify(table); }", "JSON.stringify(table)"],
	])("%s is found", (text, reason) => {
		expect(findUnpreloadable(text).join("\n")).toContain(reason);
	});

	it.each([
		"const table = [1, 2, 3];",
		"const nothing = new Uint8Array(0);",
		"export function create() { let count = 0; return new Uint8Array(count); }",
		"class A { bytes = new Uint8Array(4); }",
		"const create = () => new Map();",
		"function f() { const table = { a: 1 }; return JSON.stringify({ table }); }",
	])("%s is not", text => {
		expect(findUnpreloadable(text)).toEqual([]);
	});
});

describe("the C file of the UART", () => {
	it("defines the functions that the class names, and no more", () => {
		const folder = join(root, "modules/device/uart/esp32");
		const code = readFileSync(join(folder, "smartyUart.c"), "utf8");
		const named = [...readFileSync(join(folder, "uart.ts"), "utf8").matchAll(/[Nn]ative\("(\w+)"\)/g)].map(
			found => found[1],
		);
		const defined = [...code.matchAll(/^void (smarty_\w+)\([^;]*$/gm)].map(found => found[1]);
		expect(new Set(defined)).toEqual(new Set(named));
		expect(existsSync(join(folder, "smartyUart.c"))).toBe(true);
	});
});
