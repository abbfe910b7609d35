/** Compiles a guest and all that it imports, one module per file, for XS. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const project = fileURLToPath(new URL("../../", import.meta.url));
const output = join(project, ".cache/xs/modules");
const format = 2;

/** Bare specifiers that exist in XS: npm's aes-js, wrapped so that it finds the CommonJS names it looks for. */
const packages: Record<string, string> = { "aes-js": "aes-js/index.js" };

export interface CompiledModules {
	/** The folder that holds the compiled modules under the names of their sources, `.js` for `.ts`. */
	root: string;
	/** The entry's path in `root`. */
	entry: string;
	/** Every module's path in `root`, the imported before the importers. */
	paths: string[];
}

/**
 * Compiles the entry and all it imports, one ES2022 module and source map per file, so that XS reports `.ts` lines. The result is
 * kept under a name made from the contents; asking again costs a few ms and does not load the compiler.
 */
export async function compileModules(entry: URL): Promise<CompiledModules> {
	const sources = new Map<string, string>();
	const start = relative(project, fileURLToPath(entry));
	collectSources(start, sources);
	const hash = createHash("sha256").update(`${format}`);
	for (const [path, text] of sources) hash.update(`\0${path}\0${text}`);
	const root = join(output, hash.digest("hex").slice(0, 20));
	const paths = [...sources.keys()].map(compiledPath);
	if (!existsSync(root)) await writeModules(sources, root);
	return { root, entry: compiledPath(start), paths };
}

function compiledPath(path: string): string {
	return path.replace(/\.ts$/, ".js");
}

function collectSources(path: string, sources: Map<string, string>, importers: string[] = []): void {
	if (sources.has(path) || importers.includes(path)) return;
	const text = path in packages ? readPackage(path) : readSource(path, importers.at(-1));
	for (const specifier of path in packages ? [] : importsOf(text)) {
		if (specifier in packages) collectSources(specifier, sources, [...importers, path]);
		else if (!specifier.startsWith(".")) throw new Error(`${path} imports "${specifier}", which XS does not have`);
		else {
			const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
			collectSources(target, sources, [...importers, path]);
		}
	}
	sources.set(path, text);
}

function readSource(path: string, importer: string | undefined): string {
	const file = join(project, path);
	if (!existsSync(file)) throw new Error(`${importer ?? "the engine"} imports ${path}, which does not exist`);
	return readFileSync(file, "utf8");
}

function readPackage(name: string): string {
	const text = readFileSync(createRequire(import.meta.url).resolve(packages[name]!), "utf8");
	return `const module = { exports: {} }; const exports = module.exports;\n${text}\nexport default module.exports;\n`;
}

function importsOf(text: string): string[] {
	const specifiers: string[] = [];
	for (const match of text.matchAll(/^(?:import|export)\s(?!type\b)(?:[^;"]*?\bfrom\s*)?"([^"]+)"/gm)) {
		specifiers.push(match[1]!);
	}
	return specifiers;
}

async function writeModules(sources: Map<string, string>, root: string): Promise<void> {
	const { default: typescript } = await import("typescript");
	removeOldModules();
	// Written aside and renamed, so that two processes never see each other's half-written modules.
	const draft = `${root}.${process.pid}.${Math.random().toString(36).slice(2)}`;
	for (const [path, text] of sources) {
		const file = join(draft, compiledPath(path));
		mkdirSync(dirname(file), { recursive: true });
		if (path in packages) {
			writeFileSync(file, text);
			continue;
		}
		const compiled = typescript.transpileModule(text, {
			fileName: path,
			compilerOptions: {
				target: typescript.ScriptTarget.ES2022,
				module: typescript.ModuleKind.ESNext,
				verbatimModuleSyntax: true,
				sourceMap: true,
			},
		});
		const map = JSON.parse(compiled.sourceMapText!);
		map.sources = [relative(dirname(join(root, path)), join(project, path))];
		writeFileSync(`${file}.map`, JSON.stringify(map));
		writeFileSync(file, compiled.outputText);
	}
	try {
		renameSync(draft, root);
	} catch (error) {
		rmSync(draft, { recursive: true });
		if (!existsSync(root)) throw error;
	}
}

/** Keeps the folder from growing for ever: what has not been written for a day goes, and is made again when needed. */
function removeOldModules(): void {
	if (!existsSync(output)) return;
	for (const name of readdirSync(output)) {
		const path = join(output, name);
		if (Date.now() - statSync(path).mtimeMs > 86_400_000) rmSync(path, { recursive: true, force: true });
	}
}
