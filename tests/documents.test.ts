/** The pages: their links, and the tables that are made of the code. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatArrows, formatTimeouts } from "./support/arrows-page.js";
import { listSources, projectRoot } from "./support/imports.js";
import { findDeadReferences, listAnchors, listPages, readTable } from "./support/pages.js";

const { scripts } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as { scripts: object };

test("no page links to nothing, or names a file or a command that is not there", () => {
	const pages = listPages();
	expect(pages.map(({ path }) => path)).toEqual(
		expect.arrayContaining(["README.md", "CHANGELOG.md", "docs/settings.md", "hardware/README.md"]),
	);
	expect(findDeadReferences(pages, Object.keys(scripts))).toEqual([]);
});

test("no example has a key in its arguments, where everyone sees it", () => {
	const found = readdirSync(join(projectRoot, "contrib"), { recursive: true, withFileTypes: true });
	const examples = found.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
	const texts = [...listPages(), ...examples.map(path => ({ path, text: readFileSync(path, "utf8") }))];
	const exposed = texts.filter(({ text }) =>
		/--(key|authenticationKey|password|webToken)[= ]\S*[0-9A-F]{4}/.test(text),
	);
	expect(exposed.map(({ path }) => path)).toEqual([]);
});

describe("a page that", () => {
	const check = (text: string) => {
		const pages = [
			{ path: "docs/one.md", text },
			{ path: "docs/two.md", text: "# Two\n\n## Evcc, and `others`\n\n## Two\n" },
		];
		const files = ["docs/one.md", "docs/two.md", "LICENSE", "modules/p1", "tests/p1", "tools/hardware"];
		return findDeadReferences(pages, ["bench", "check:sdk"], path => files.includes(path));
	};

	test.each([
		["links to a page", "[two](two.md)", []],
		["links to a file above", "[it](../LICENSE) and [an address](https://example.org/a#b)", []],
		["links to headings", "# One\n[two](two.md#evcc-and-others) [two](two.md#two-1) [one](#one)", []],
		["has a link in code", "`[no](nowhere.md)`\n```\n[no](nowhere.md)\n```\n", []],
		["names files", "`modules/p1/`, `tools/hardware/*-rules.ts`, `smarty/<meter>/state`", []],
		["names commands", "`npm run bench` and\n```\nnpm run --silent check:sdk -- x\n```\n", []],
		["links to no page", "[no](three.md)", ["docs/one.md: three.md"]],
		["links to a picture that is not there", "![no](two.svg)", ["docs/one.md: two.svg"]],
		["links to no heading", "[no](two.md#three) [no](#two)", ["docs/one.md: two.md#three", "docs/one.md: #two"]],
		["links to a heading in code", "```\n# One\n```\n[no](#one)", ["docs/one.md: #one"]],
		["names no file", "`modules/p2/frame.ts`", ["docs/one.md: modules/p2/frame.ts"]],
		["names tests", "`npx vitest run tests/p1` and `npm test -- tests/p1 -t name`", []],
		["names no tests", "`npx vitest run tests/p2`", ["docs/one.md: tests/p2"]],
		["names no command", "`npm run benhc`", ["docs/one.md: npm run benhc"]],
	])("%s", (_, text, dead) => {
		expect(check(text)).toEqual(dead);
	});
});

test("anchors are those that GitHub makes", () => {
	const text = "# HomeWizard's API\n## Telegram: from the last byte\n### `devices`\n## [Ä](b.md) & c\n";
	expect(listAnchors(text)).toEqual(["homewizards-api", "telegram-from-the-last-byte", "devices", "ä--c"]);
});

describe("docs/architecture.md", () => {
	const page = readFileSync(join(projectRoot, "docs/architecture.md"), "utf8");

	test("has the arrows of the test of imports", () => {
		expect(readTable(page, "## Arrows")).toEqual(formatArrows());
	});

	test("has every constant of modules/ whose name ends in Ms, with its value, and no other", () => {
		const documented = readTable(page, "## Timeouts").map(cells => cells.slice(0, 3).join(" | "));
		const timeouts = formatTimeouts(listSources()).map(cells => cells.join(" | "));
		expect(timeouts.length).toBeGreaterThan(40);
		expect(documented.sort()).toEqual(timeouts.sort());
	});

	test("says of every timeout what it waits for", () => {
		expect(readTable(page, "## Timeouts").filter(([, , , purpose]) => purpose === "")).toEqual([]);
	});

	test("lists every folder of modules/", () => {
		const listed = readTable(page, "## Folders").flatMap(([cell = ""]) => cell.match(/`[^`]+`/g) ?? []);
		const folders = listSources().flatMap(({ path }) => /^modules\/\w+(?=\/)/.exec(path) ?? []);
		expect(listed).toEqual(expect.arrayContaining([...new Set(folders)].map(folder => `\`${folder}/\``)));
	});
});

test("timeouts are read from constants, products of numbers included", () => {
	const text =
		"const oneMs = 2_500;\nexport const twoMs = 6 * 3_600_000; // why\nconst three = 1;\n\tconst fourMs = 1;";
	expect(formatTimeouts([{ path: "modules/a.ts", text }])).toEqual([
		["`modules/a.ts`", "`oneMs`", "2.5 s"],
		["`modules/a.ts`", "`twoMs`", "6 h"],
	]);
	expect(formatTimeouts([{ path: "tools/a.ts", text }])).toEqual([]);
	expect(() => formatTimeouts([{ path: "modules/a.ts", text: "const aMs = other;" }])).toThrow("no product");
});
