/** The check of declarations against the SDK's modules, with small modules in the SDK's manners. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readDeclarations } from "../../tools/sdk/declarations.js";
import { compareExports, readModuleFiles } from "../../tools/sdk/exports.js";
import { root } from "../../tools/sdk/modules.js";

const folder = mkdtempSync(join(tmpdir(), "smarty-exports-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is declared and not there. */
function compare(modules: Readonly<Record<string, string>>, declared: string, isBoard = true): string[] {
	const files = new Map(
		Object.entries(modules).map(([name, text]) => {
			const file = join(folder, `${name.replace(/\W/g, "-")}.js`);
			writeFileSync(file, text);
			return [name, file];
		}),
	);
	return compareExports(readDeclarations(declared), files, isBoard);
}

/** In outline the module that the announcer was wrong about: the class that it needs is not the one that is exported. */
const dnssd = `
	class DNSSD {
		services = [];
		claims = [];
		constructor(options) { this.udp = options.io; }
		claim(options) {}
		add(service) {}
		remove(service) {}
		close() {}
	}
	class Claim { #claim; close() {} }
	let dnssd;
	export default class {
		#list = [];
		close() {}
		claim(options) { return new Claim(options); }
		advertise(options) {}
	}
`;

describe("types/moddable.d.ts", () => {
	it("is caught where it describes a class that the module keeps for itself", () => {
		const declared = `declare module "dnssd" {
			export default class DNSSD {
				constructor(options: object);
				readonly claims: readonly object[];
				claim(options: object): object;
				add(record: object): void;
				remove(record: object): void;
				close(): void;
			}
		}`;
		expect(compare({ dnssd }, declared)).toEqual([
			"dnssd: default has no claims",
			"dnssd: default has no add",
			"dnssd: default has no remove",
		]);
	});

	it("may say what methods return, as far as a class of the module has it", () => {
		const declared = (name: string) => `declare module "dnssd" {
			interface Claimed { ${name}(): void }
			export default class DNSSD { claim(): { close(): void } | undefined; advertise(): Claimed }
		}`;
		expect(compare({ dnssd }, declared("close"))).toEqual([]);
		expect(compare({ dnssd }, declared("free"))).toEqual(["dnssd: nothing that default could return has free"]);
	});

	it.each([
		["a class in C", 'class A extends Native("a") { read() {} static now() {} } export default A;'],
		["XS's own syntax", 'export default class @ "a" { read() @ "a_read"; static now() @ "a_now"; }'],
		[
			"a member set in the constructor",
			"class A { constructor() { this.read = 1; } } A.now = 1; export { A as default };",
		],
		["a prototype", "class A {} A.prototype.read = function () {}; A.now = 1; export default A;"],
		["a class of another module", 'import B from "base"; class A extends B {} A.now = 1; export default A;'],
		["a re-export", 'export { Both as default } from "base";'],
	])("is right about %s", (_, text) => {
		const base = "export default class { read() {} } export class Both { get read() {} static now() {} }";
		const declared = (more: string) =>
			`declare module "a" { export default class A { constructor(x: number); read(): void; static now(): void; ${more} } }`;
		expect(compare({ a: text, base }, declared(""))).toEqual([]);
		expect(compare({ a: text, base }, declared("write(): void;"))).toEqual(["a: default has no write"]);
		expect(compare({ a: text, base }, declared("static later(): void;"))).toEqual(["a: default has no static later"]);
	});

	it("is right about objects and constants", () => {
		const declared = `declare module "a" {
			const A: { open(): void; [Symbol.iterator](): void };
			export default A;
			export const one: number;
			export interface Alone { nothing: 1 }
		}`;
		const text = "export default Object.freeze({ open() {}, [Symbol.iterator]() {} }, true); export const one = 1;";
		expect(compare({ a: text }, declared)).toEqual([]);
		expect(compare({ a: "const A = { open() {} }; export default A;" }, declared)).toEqual([
			"a: default has no static [Symbol.iterator]",
			"a: no export one",
		]);
	});

	it("is held by the board alone where something is optional, and not at all where the build has no such module", () => {
		const declared = 'declare module "a" { export default class A { add?(): void } }';
		expect(compare({ a: "export default class {}" }, declared, false)).toEqual([]);
		expect(compare({ a: "export default class {}" }, declared, true)).toEqual(["a: default has no add"]);
		expect(compare({}, declared)).toEqual([]);
	});

	it("is read whole", () => {
		const names = readDeclarations(readFileSync(join(root, "types/moddable.d.ts"), "utf8")).map(({ name }) => name);
		expect(names).toContain("embedded:network/dnssd");
		expect(names).toContain("ssl/session");
		expect(names.length).toBeGreaterThan(20);
	});
});

it("the makefile names the file of each module", () => {
	const lines = [
		"$(MODULES_DIR)/timer.xsb: /sdk/timer.js",
		"$(MODULES_DIR)/~.embedded/io/serial.xsb: /sdk/io/serial.js",
		"$(MODULES_DIR)/main.xsb: $(TMP_DIR)/main.js",
	];
	expect([...readModuleFiles(lines.join("\n"))]).toEqual([
		["timer", "/sdk/timer.js"],
		["embedded:io/serial", "/sdk/io/serial.js"],
	]);
});
