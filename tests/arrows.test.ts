/** Holds every import to the table of arrows, and each rule to a case that breaks it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findForbiddenArrows } from "./support/arrows.js";
import { listDeclaredModules, listSources, parseImports, projectRoot, type Source } from "./support/imports.js";

const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as Record<string, object>;
const bench = JSON.parse(readFileSync(join(projectRoot, "tools/bench/package.json"), "utf8"));
const recorder = JSON.parse(readFileSync(join(projectRoot, "recorder/package.json"), "utf8"));
const packages = [manifest.dependencies, manifest.devDependencies, bench.dependencies, recorder.dependencies].flatMap(
	list => Object.keys(list),
);

const sdk = listDeclaredModules().filter(name => !packages.includes(name));

test("no import of the project runs upward, in a cycle or out of bounds", () => {
	const sources = listSources();
	expect(sources.map(source => source.path)).toContain("modules/p1/faults.ts");
	expect(sources.map(source => source.path)).toContain("tests/arrows.test.ts");
	expect(findForbiddenArrows(sources, { packages, sdk })).toEqual([]);
	expect(sdk).toContain("embedded:network/mqtt/client");
});

describe("each rule can fail", () => {
	const frame: Source = { path: "modules/p1/frame.ts", text: "export const frame = 1;" };
	const topics: Source = { path: "modules/messages/topics.ts", text: "export const topics = 1;" };
	const uart: Source = { path: "modules/device/uart.ts", text: "export const uart = 1;" };
	const switched: Source[] = ["esp32", "lin"].map(platform => ({
		path: `modules/device/light/${platform}/light.ts`,
		text: "",
	}));
	const line: Source = { path: "simulator/line.ts", text: "export const line = 1;" };
	const network: Source = { path: "modules/ports/ports.ts", text: "export interface Network {}" };
	const world = [frame, topics, uart, line, network, ...switched];

	function complain(path: string, text: string): string[] {
		return findForbiddenArrows([...world, { path, text }], {
			packages: ["aes-js", "vitest"],
			sdk: ["timer", "embedded:io/serial"],
		});
	}

	const forbidden: readonly (readonly [rule: string, path: string, text: string, complaint: string])[] = [
		[
			"upward",
			"modules/p1/a.ts",
			'import { topics } from "../messages/topics.js";',
			"1: may not import modules/messages/topics.ts",
		],
		[
			"upward, type only",
			"modules/p1/a.ts",
			'import type { A } from "../messages/topics.js";',
			"1: may not import modules/messages/topics.ts",
		],
		[
			"upward, re-export",
			"modules/p1/a.ts",
			'\nexport * from "../messages/topics.js";',
			"2: may not import modules/messages/topics.ts",
		],
		[
			"upward, type query",
			"modules/p1/a.ts",
			'export type A = typeof import("../messages/topics.js");',
			"1: may not import modules/messages/topics.ts",
		],
		[
			"pure code and device",
			"modules/messages/a.ts",
			'import { uart } from "../device/uart.js";',
			"1: may not import modules/device/uart.ts",
		],
		[
			"simulator and device",
			"simulator/a.ts",
			'import { uart } from "../modules/device/uart.js";',
			"1: may not import modules/device/uart.ts",
		],
		[
			"tests and device",
			"tests/a.ts",
			'import { uart } from "../modules/device/uart.js";',
			"1: may not import modules/device/uart.ts",
		],
		[
			"device decides nothing",
			"modules/device/a.ts",
			'import { frame } from "../p1/frame.js";',
			"1: may not import modules/p1/frame.ts",
		],
		[
			"not even its types",
			"modules/device/a.ts",
			'import type { A } from "../p1/frame.js";',
			"1: may not import modules/p1/frame.ts",
		],
		[
			"gateway and simulator",
			"gateway/a.ts",
			'import { line } from "../simulator/line.js";',
			"1: may not import simulator/line.ts",
		],
		[
			"gateway and the firmware's rooms",
			"gateway/a.ts",
			'import { frame } from "../modules/p1/frame.js";',
			"1: may not import modules/p1/frame.ts",
		],
		["node in modules", "modules/p1/a.ts", 'import { readFileSync } from "node:fs";', "1: may not import node:fs"],
		["node in device", "modules/device/a.ts", 'import { readFileSync } from "node:fs";', "1: may not import node:fs"],
		["SDK in pure code", "modules/uplink/a.ts", 'import Timer from "timer";', "1: may not import timer"],
		[
			"SDK in p1",
			"modules/p1/a.ts",
			'import Serial from "embedded:io/serial";',
			"1: may not import embedded:io/serial",
		],
		["SDK in main", "main.ts", 'import config from "mc/config";', "1: may not import mc/config"],
		[
			"SDK on the host",
			"simulator/a.ts",
			'import Client from "embedded:network/mqtt/client";',
			"1: may not import embedded:network/mqtt/client",
		],
		["undeclared SDK in device", "modules/device/a.ts", 'import net from "net";', "1: may not import net"],
		["on one platform only", "modules/device/a.ts", 'import "device/uart";', "1: may not import device/uart"],
		["package in device", "modules/device/a.ts", 'import aes from "aes-js";', "1: may not import aes-js"],
		["package in pure code", "modules/messages/a.ts", 'import aes from "aes-js";', "1: may not import aes-js"],
		["package that is not ours", "simulator/a.ts", 'import fs from "fs";', "1: may not import fs"],
		["no .js", "modules/p1/a.ts", 'import { frame } from "./frame";', "1: ./frame does not end in .js"],
		[".ts", "modules/p1/a.ts", 'import { frame } from "./frame.ts";', "1: ./frame.ts does not end in .js"],
		["nothing there", "modules/p1/a.ts", 'import { frame } from "./frames.js";', "1: ./frames.js names no source"],
		["computed", "modules/p1/a.ts", "const name = 1; import(String(name));", "1: computes what it imports"],
		["dynamic", "modules/p1/a.ts", 'import("../messages/topics.js");', "1: may not import modules/messages/topics.ts"],
		["require", "modules/p1/a.ts", 'const fs = require("fs");', "1: may not import fs"],
		["import equals", "modules/p1/a.ts", 'import fs = require("fs");', "1: may not import fs"],
		["unknown folder", "modules/odd/a.ts", "export const a = 1;", " lies in no folder of the design"],
		["unknown file", "a.ts", "export const a = 1;", " lies in no folder of the design"],
	];
	test.each(forbidden)("%s", (_rule, path, text, complaint) => {
		expect(complain(path, text)).toEqual([`${path}:${complaint}`]);
	});

	const allowed: readonly (readonly [path: string, text: string])[] = [
		["modules/p1/a.ts", 'import aes from "aes-js"; import { frame } from "./frame.js";'],
		["modules/messages/a.ts", 'import { frame } from "../p1/frame.js";'],
		["modules/device/a.ts", 'import type { Network } from "../ports/ports.js"; import Timer from "timer";'],
		["modules/device/b.ts", 'import Serial from "embedded:io/serial"; import { createLight } from "device/light";'],
		["main.ts", 'import { uart } from "./modules/device/uart.js"; import { frame } from "./modules/p1/frame.js";'],
		["simulator/a.ts", 'import { test } from "vitest"; import fs from "node:fs"; import "../modules/p1/frame.js";'],
		["tools/a.ts", 'import { test } from "vitest/node"; import "../modules/p1/frame.js";'],
		["tests/p1/a.test.ts", 'import { frame } from "../../modules/p1/frame.js"; // import "../modules/device/uart.js"'],
	];
	test.each(allowed)("%s may: %s", (path, text) => {
		expect(complain(path, text)).toEqual([]);
	});

	test("a cycle, across files", () => {
		const sources = [
			{ path: "modules/p1/a.ts", text: 'import { b } from "./b.js";' },
			{ path: "modules/p1/b.ts", text: 'export { c } from "./c.js";' },
			{ path: "modules/p1/c.ts", text: 'import { a } from "./a.js";' },
		];
		expect(findForbiddenArrows(sources, { packages: [], sdk: [] })).toEqual([
			"cycle: modules/p1/a.ts → modules/p1/b.ts → modules/p1/c.ts → modules/p1/a.ts",
		]);
	});

	test("a cycle of which one arrow is only types", () => {
		const sources = [
			{ path: "modules/p1/a.ts", text: 'import { b } from "./b.js";' },
			{ path: "modules/p1/b.ts", text: 'import type { a } from "./a.js";' },
		];
		expect(findForbiddenArrows(sources, { packages: [], sdk: [] })).toEqual([
			"cycle: modules/p1/a.ts → modules/p1/b.ts → modules/p1/a.ts",
		]);
	});

	test("a file that imports itself", () => {
		const source = { path: "modules/p1/a.ts", text: 'import { a } from "./a.js";' };
		expect(findForbiddenArrows([source], { packages: [], sdk: [] })).toEqual([
			"cycle: modules/p1/a.ts → modules/p1/a.ts",
		]);
	});
});

test("imports are read from code, not from text or comments", () => {
	const text = '// import "a";\nconst text = `import "b"`;\nimport "c";\nexport const d = 1;\nexport { e } from "f";';
	const imports = parseImports({ path: "x.ts", text });
	expect(imports.map(entry => [entry.specifier, entry.line, entry.typeOnly])).toEqual([
		["c", 3, false],
		["f", 5, false],
	]);
});
