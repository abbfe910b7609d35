/** The program behind `npm run xs`: builds the XS machines. */

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { findEngine, hostFolder, objectsPath, programPath } from "./program.js";
import { usualNames, type Variant, type VariantName, variantNames, variants } from "./variants.js";

/** `npm run xs [VARIANT…]`: builds the XS machines of the simulator that are not there already; those of the SDK only by their names. */

const run = promisify(execFile);
/** `xsMath.c` includes it. */
const partOfMath = "xsum.c";
const common = ["host.c", "memory.c", "flash.c", "modules.c"];

async function build(name: VariantName): Promise<void> {
	const program = programPath(name);
	if (existsSync(program)) return;
	const began = Date.now();
	const variant: Variant = variants[name];
	await checkCompiler(variant);
	const engine = findEngine(variant);
	const folders = [...["includes", "platforms", "sources"].map(folder => join(engine, folder)), hostFolder];
	const flags = [...variant.flags, ...folders.map(folder => `-I${folder}`)];
	const sources = readdirSync(join(engine, "sources")).filter(file => file.endsWith(".c") && file !== partOfMath);
	console.log(`xs: building ${name} with ${variant.compiler}`);

	const objects = objectsPath(name);
	if (!existsSync(objects)) {
		await createFolder(objects, draft =>
			compileFiles(
				variant.compiler,
				sources.map(file => join(engine, "sources", file)),
				flags,
				draft,
			),
		);
	}
	await createFolder(dirname(program), async draft => {
		const own = [...common, ...variant.sources].map(file => join(hostFolder, file));
		await compileFiles(variant.compiler, own, flags, draft);
		const parts = [draft, objects].flatMap(folder => readdirSync(folder).map(file => join(folder, file)));
		await run(variant.compiler, [...parts, ...variant.libraries, "-o", join(draft, "machine")], { cwd: hostFolder });
	});
	console.log(`xs: ${name} built in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Fills a folder under another name, so that it is there whole or not at all. */
async function createFolder(folder: string, fill: (draft: string) => Promise<void>): Promise<void> {
	const draft = `${folder}.${process.pid}`;
	mkdirSync(draft, { recursive: true });
	try {
		await fill(draft);
		renameSync(draft, folder);
	} catch (error) {
		rmSync(draft, { recursive: true, force: true });
		if (!existsSync(folder)) throw error;
	}
}

async function checkCompiler({ compiler, packages }: Variant): Promise<void> {
	try {
		await run(compiler, ["--version"]);
	} catch {
		throw new Error(
			`${compiler} is not installed: run \`npm run setup\`, or install Debian's packages ${packages.join(" ")}`,
		);
	}
}

async function compileFiles(compiler: string, files: string[], flags: string[], folder: string): Promise<void> {
	const waiting = [...files];
	async function work(): Promise<void> {
		for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
			const object = join(folder, `${basename(file, extname(file))}.o`);
			await run(compiler, [...flags, "-c", file, "-o", object]);
		}
	}
	await Promise.all(Array.from({ length: availableParallelism() }, work));
}

async function main(names: string[]): Promise<void> {
	const unknown = names.filter(name => !(name in variants));
	if (unknown.length > 0)
		throw new Error(`no such variant: ${unknown.join(", ")}; there are ${variantNames.join(", ")}`);
	for (const name of names.length === 0 ? usualNames : (names as VariantName[])) await build(name);
}

main(process.argv.slice(2)).catch((error: Error) => {
	console.error(`xs: ${error.message}`);
	process.exitCode = 1;
});
