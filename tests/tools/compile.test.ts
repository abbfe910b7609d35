/** What the board's compiler makes of a module: the same, in less. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { compileModule } from "../../tools/compile.js";
import { findModules, type Manifest, readJson, root } from "../../tools/sdk/modules.js";

async function load(text: string): Promise<Record<string, unknown>> {
	const code = Buffer.from(compileModule(text, "module.ts")).toString("base64");
	return import(`data:text/javascript;base64,${code}`);
}

/** Functions that have a prototype. */
function findFunctions(text: string): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) found.push(node.getText().slice(0, 60));
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile("module.js", text, ts.ScriptTarget.ES2022, true));
	return found;
}

describe("a compiled module", () => {
	it("knows its functions from the beginning, in modules and in blocks", async () => {
		const { table, run } = await load(`
			export const table: readonly number[] = [double(1), double(2)];
			export function run(count: number): number {
				const inner = helper(count);
				return inner;
				function helper(value: number): number { return double(value) + later; }
			}
			const later = 100;
			function double(value: number): number { return 2 * value; }
		`);
		expect(table).toEqual([2, 4]);
		expect((run as (count: number) => number)(5)).toBe(110);
	});

	it("keeps what has its own this, its own arguments or a generator", async () => {
		const exported = await load(`
			export function self(this: { value: number }): number { return this.value; }
			export function count(): number { return arguments.length; }
			export function* numbers(): Generator<number> { yield 1; yield 2; }
			export class Counter { value = 3; read(): number { return [0].map(() => this.value)[0]!; } }
			export const object = { value: 4, read: function (this: { value: number }) { return this.value; } };
		`);
		const { self, count, numbers, Counter, object } = exported as Record<string, never>;
		expect((self as unknown as () => number).call({ value: 7 })).toBe(7);
		expect((count as unknown as (...given: number[]) => number)(1, 2, 3)).toBe(3);
		expect([...(numbers as unknown as () => Iterable<number>)()]).toEqual([1, 2]);
		expect(new (Counter as unknown as new () => { read(): number })().read()).toBe(3);
		expect((object as unknown as { read(): number }).read()).toBe(4);
	});

	it("exports the same, a default and asynchronous functions too", async () => {
		const exported = await load(`
			export default function (): number { return helper(); }
			export async function wait(): Promise<number> { return helper(); }
			export { helper as other };
			function helper(): number { return 9; }
		`);
		const { default: start, wait, other } = exported as Record<string, () => unknown>;
		expect([start!(), await wait!(), other!()]).toEqual([9, 9, 9]);
	});

	it("names what it imports from the SDK as before, for the linker's warnings, and in their order", () => {
		const text = 'import "scope"; import Timer from "timer"; import { a } from "./a.js"; Timer.set(() => a());';
		const compiled = compileModule(text, "module.ts");
		expect(compiled).toContain('import Timer from "timer";');
		expect(compiled.indexOf('"scope"')).toBeLessThan(compiled.indexOf('"timer"'));
	});
});

it("modules export under short names, and import each other under the same", () => {
	const files = [...findModules(readJson<Manifest>("manifest.json"), "esp32").values()].filter(file =>
		file.endsWith(".ts"),
	);
	const compiled = new Map(
		files.map(file => [file, compileModule(readFileSync(join(root, file), "utf8"), join(root, file))]),
	);
	const exported = new Map([...compiled].map(([file, text]) => [file, listNames(text, /^export \{([^}]*)\}/gm, 1)]));
	expect(exported.get("modules/health/memory.ts")).toEqual(["a", "b", "c"]);
	for (const [file, text] of compiled) {
		for (const [, names, specifier] of text.matchAll(/^import \{([^}]*)\} from "(\.[^"]*)"/gm)) {
			const target = join(file, "..", specifier!).replace(/\.js$/, ".ts");
			const wanted = listNames(`import {${names}}`, /\{([^}]*)\}/g, 0);
			for (const name of wanted) expect(exported.get(target), `${file} imports ${name} from ${target}`).toContain(name);
		}
	}
	expect(exported.get("modules/device/announcer/esp32/announcer.ts")).toEqual([]);
});

/** Names in lists like `a as b, c`: those after `as`, or those before it. */
function listNames(text: string, lists: RegExp, place: 0 | 1): string[] {
	return [...text.matchAll(lists)].flatMap(([, list]) =>
		list!
			.split(",")
			.map(item => item.trim().split(" as "))
			.map(parts => parts[place] ?? parts[0]!)
			.filter(name => name !== ""),
	);
}

it("no module of the board has a function with a prototype but generators, the start and the shim's", () => {
	const kept: string[] = [];
	for (const [name, file] of findModules(readJson<Manifest>("manifest.json"), "esp32")) {
		if (!file.endsWith(".ts")) continue;
		const functions = findFunctions(compileModule(readFileSync(join(root, file), "utf8"), file));
		kept.push(...functions.filter(text => !/^(export )?function\*/.test(text)).map(() => name));
	}
	expect([...new Set(kept)].sort()).toEqual(["aes-js", "main"]);
});
