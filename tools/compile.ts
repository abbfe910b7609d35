/**
 * What `tools/bin/tsc` runs: the Moddable SDK calls `tsc -p CONFIG` for each TypeScript module of its manifest, and this emits that one
 * file, smaller than TypeScript would. `main.ts` becomes one module with all that it imports of ours: each import between modules is a
 * slot in both, 16 bytes of flash, and each name once 20 bytes and its letters. The types are checked by `npm run check`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { transformSync } from "esbuild";
import { rolldown } from "rolldown";
import ts from "typescript";
import { makeArrows } from "./sdk/arrows.js";
import { root } from "./sdk/modules.js";
import { reuseNames } from "./sdk/reuse-names.js";

/** `lorawan`, which `main.ts` imports, as files from the root. */
const withRadio = "modules/device/radio/lorawan.ts";
const withoutRadio = "modules/lorawan/none.ts";
/** What has another file in its place where there is no radio. */
const ofRadio: readonly (readonly [string, string])[] = [
	["modules/settings/lora.ts", "modules/settings/without-lora.ts"],
];

interface Config {
	files: string[];
	extends?: string;
	compilerOptions: { outDir: string; customConditions?: string[] };
}

function readConfig(file: string): Config {
	return JSON.parse(readFileSync(file, "utf8")) as Config;
}

function load(path: string, hasRadio: boolean): { code: string; moduleType: "js" } {
	const [, other] = ofRadio.find(([file]) => !hasRadio && path === join(root, file)) ?? [];
	return { code: transpile(other === undefined ? path : join(root, other)), moduleType: "js" };
}

/** JavaScript of one file, its functions as arrows. */
function transpile(file: string): string {
	const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
		fileName: file,
		compilerOptions: {
			target: ts.ScriptTarget.ES2022,
			module: ts.ModuleKind.ESNext,
			verbatimModuleSyntax: true,
			removeComments: true,
			useDefineForClassFields: false,
		},
		transformers: { after: [makeArrows] },
	});
	return outputText;
}

/**
 * The JavaScript of a module and of all that it reaches by paths, with short names for what no other module sees. What has a name of the
 * manifest's or the SDK's stays an import, under its name. `lorawan` is what boards with a LoRa radio have, or nothing.
 */
export async function compileModule(file: string, hasRadio = false): Promise<string> {
	const bundle = await rolldown({
		input: file,
		external: name => /^[^./]/.test(name) && name !== "lorawan",
		tsconfig: false,
		resolve: { alias: { lorawan: join(root, hasRadio ? withRadio : withoutRadio) } },
		checks: { pluginTimings: false },
		optimization: { inlineConst: { mode: "all", pass: 3 } },
		plugins: [{ name: "board", load: path => (path.endsWith(".ts") ? load(path, hasRadio) : null) }],
	});
	const { output } = await bundle.generate({ format: "esm" });
	await bundle.close();
	// A class is no variable either: what may be written takes 4 bytes of memory.
	const lines = output[0].code.replace(/^var (\S+ = class )/gm, "const $1").split("\n");
	// Their names, by which the linker's warnings tell ours from the SDK's, are nobody's here and so are kept.
	const imports = lines.filter(line => line.startsWith("import "));
	const own = lines.filter(line => !line.startsWith("import ")).join("\n");
	const { code } = transformSync(own, { loader: "js", target: "es2022", minifyIdentifiers: true });
	return [...imports, reuseNames(code)].join("\n");
}

/** Emits what a configuration of mcconfig's asks for. The manifest of a target with a LoRa radio has the condition `lorawan`. */
export async function compileConfig(config: string): Promise<void> {
	const { files, compilerOptions, extends: base } = readConfig(config);
	const hasRadio =
		base !== undefined && readConfig(base).compilerOptions.customConditions?.includes("lorawan") === true;
	for (const file of files) {
		const target = compilerOptions.outDir + file.replace(/\.ts$/, ".js");
		mkdirSync(dirname(target), { recursive: true });
		writeFileSync(target, await compileModule(file, hasRadio));
	}
}

if (basename(process.argv[1] ?? "") === "compile.ts") {
	const [option, config] = process.argv.slice(2);
	if (option !== "-p" || config === undefined) throw new Error("usage: tsc -p CONFIG");
	await compileConfig(config);
}
