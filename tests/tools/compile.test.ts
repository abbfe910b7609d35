/** What the board's compiler makes of our modules: the same, in less. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as plain from "../../modules/p1/reader.js";
import { compileModule } from "../../tools/compile.js";
import { findModules, type Manifest, readJson, root } from "../../tools/sdk/modules.js";
import { reuseNames } from "../../tools/sdk/reuse-names.js";
import { realFrame } from "../support/vectors.js";

let folder: string;

beforeAll(() => {
	// Inside the project, so that packages are found from there.
	mkdirSync(join(root, ".cache"), { recursive: true });
	folder = mkdtempSync(join(root, ".cache/compile-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** The compiled text of `module.ts` among these files. */
async function compile(files: Readonly<Record<string, string>>): Promise<string> {
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
	return compileModule(join(folder, "module.ts"));
}

let count = 0;

async function run(compiled: string): Promise<Record<string, unknown>> {
	count += 1;
	const file = join(folder, `compiled-${count}.mjs`);
	writeFileSync(file, compiled);
	return import(pathToFileURL(file).href);
}

async function load(text: string): Promise<Record<string, unknown>> {
	return run(await compile({ "module.ts": text }));
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

	it("holds what it imports by paths, and nothing that nobody calls", async () => {
		const compiled = await compile({
			"module.ts": 'import { a } from "./other.js"; import type { T } from "./types.js"; export const b: T = a(1);',
			"other.ts":
				'export function a(x: number): number { return x + 1; } export function unused(): string { return "unused"; }',
			"types.ts": "export type T = number;",
		});
		expect(compiled).not.toMatch(/import|unused/);
		expect({ ...(await run(compiled)) }).toEqual({ b: 2 });
	});

	it("names what it imports from the SDK as before, for the linker's warnings, and in their order", async () => {
		const compiled = await compile({
			"module.ts": 'import "scope"; import Timer from "timer"; import { a } from "./a.js"; Timer.set(() => a());',
			"a.ts": 'import config from "mc/config"; export const a = () => config.a;',
		});
		expect(compiled).toContain('import Timer from "timer";');
		expect(compiled).toContain('import config from "mc/config";');
		expect(compiled.indexOf('"scope"')).toBeLessThan(compiled.indexOf('"timer"'));
	});

	it("has no variable at the top that is not written", async () => {
		const compiled = await compile({
			"module.ts": "class A { x = 1; } const b = 2; export const all = () => [new A(), b];",
		});
		expect(compiled).not.toMatch(/^(var|let) /m);
	});

	it("says which file it does not find", async () => {
		await expect(compile({ "module.ts": 'import { a } from "./nowhere.js"; a();' })).rejects.toThrow("./nowhere.js");
	});
});

describe("names at the top", () => {
	it("are those of properties, wherever the variable is meant and nowhere else", async () => {
		const text = `
			const a = (first) => first + 1;
			const b = { subscribe: a, frame: 2 };
			const c = ({ a = 5, frame: b }, e = b) => { const d = { a, b, e }; { const a = 7; d.inner = a; } return d; };
			class d { length = 3; a() { return a(this.length); } }
			export { c, d as D, b as default };
			export const f = () => ({ a, b, shown: [a(1), b.frame, c({ frame: 1 }), new d().a()] });
		`;
		const renamed = reuseNames(text);
		expect(renamed).toMatch(/const subscribe = \(first\)/);
		expect(renamed).toMatch(/const inner = 7|const a = 7/);
		const [before, after] = [await run(text), await run(renamed)];
		expect(Object.keys(after)).toEqual(Object.keys(before));
		const shown = ({ f }: Record<string, unknown>) => (f as () => { a: unknown; b: unknown; shown: unknown })();
		expect(shown(after).shown).toEqual(shown(before).shown);
		expect(Object.keys(shown(after))).toEqual(["a", "b", "shown"]);
	});

	it("never hide a global or a local one that is used, nor are words of the language", async () => {
		const text = `
			const a = value => Number(value) + parseInt("4") + isNaN(value);
			const b = { Number: 1, parseInt: 2, isNaN: 3, delete: 4, of: 5, await: 6, arguments: 7, eval: 8, value: 9 };
			export const f = value => a(value) + b.delete;
		`;
		const { f } = await run(reuseNames(text));
		expect((f as (value: string) => number)("3")).toBe(11);
	});
});

it("the whole program compiles to a few functions with a prototype: generators, the start and the shim's", async () => {
	const kept: string[] = [];
	for (const [name, file] of findModules(readJson<Manifest>("manifest.json"), "esp32")) {
		if (!file.endsWith(".ts")) continue;
		const functions = findFunctions(await compileModule(join(root, file)));
		kept.push(...functions.filter(text => !/^(export )?function\*/.test(text)).map(() => name));
	}
	expect([...new Set(kept)].sort()).toEqual(["aes-js", "main"]);
});

it("the reader reads the same when it is compiled for the board", async () => {
	const entry = `export * from ${JSON.stringify(join(root, "modules/p1/reader.ts"))};`;
	const compiled = (await run(await compile({ "module.ts": entry }))) as typeof plain;
	expect(Object.keys(compiled).sort()).toEqual(Object.keys(plain).sort());
	const read = ({ createReader, accept }: typeof plain): unknown[] => {
		const told: unknown[] = [];
		const options = { key: realFrame.key, authentication: "required" as const };
		const reader = createReader(options, telegram => told.push(structuredClone(telegram)));
		const bytes = realFrame.frame;
		accept(reader, bytes, 0, bytes.length, 0);
		return [told, reader.counters];
	};
	expect(read(plain)[0]).toHaveLength(1);
	expect(read(compiled)).toEqual(read(plain));
});
