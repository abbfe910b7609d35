/**
 * What `tools/bin/tsc` runs: the Moddable SDK calls `tsc -p CONFIG` for each module of ours, and this emits that one file, smaller than
 * TypeScript would (`tools/sdk/arrows.ts`, and short names for what is local to a function). The types are checked by `npm run check`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { transformSync } from "esbuild";
import ts from "typescript";
import { makeArrows } from "./sdk/arrows.js";
import { shortenNames } from "./sdk/export-names.js";

/** The JavaScript of one module. What it imports from the SDK keeps its names, by which the linker's warnings tell us from the SDK. */
export function compileModule(text: string, file: string): string {
	const { outputText } = ts.transpileModule(text, {
		fileName: file,
		compilerOptions: {
			target: ts.ScriptTarget.ES2022,
			module: ts.ModuleKind.ESNext,
			verbatimModuleSyntax: true,
			removeComments: true,
		},
		transformers: { after: [makeArrows, shortenNames(file)] },
	});
	const lines = outputText.split("\n");
	const isForeign = (line: string) => /^import [^;]*"[^."][^"]*";$/.test(line);
	const own = lines.filter(line => !isForeign(line)).join("\n");
	const { code } = transformSync(own, { loader: "js", target: "es2022", minifyIdentifiers: true });
	return [...lines.filter(isForeign), code].join("\n");
}

/** Emits what a configuration of mcconfig's asks for. */
export function compileConfig(config: string): void {
	const { files, compilerOptions } = JSON.parse(readFileSync(config, "utf8")) as {
		files: string[];
		compilerOptions: { outDir: string };
	};
	for (const file of files) {
		const target = compilerOptions.outDir + file.replace(/\.ts$/, ".js");
		mkdirSync(dirname(target), { recursive: true });
		writeFileSync(target, compileModule(readFileSync(file, "utf8"), file));
	}
}

if (process.argv[1]?.endsWith("compile.ts")) {
	const [option, config] = process.argv.slice(2);
	if (option !== "-p" || config === undefined) throw new Error("usage: tsc -p CONFIG");
	compileConfig(config);
}
