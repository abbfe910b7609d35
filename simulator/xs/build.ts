import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { cache, hostFolder, programPath } from "./program.js";
import { fetchSources } from "./sources.js";
import { type Variant, type VariantName, variantNames, variants } from "./variants.js";

/** `npm run xs [VARIANT…]`: builds the XS machines of the simulator that are not there already. */

const run = promisify(execFile);
const common = ["host.c", "memory.c", "flash.c", "modules.c"];

async function build(name: VariantName): Promise<void> {
	const program = programPath(name);
	if (existsSync(program)) return;
	const began = Date.now();
	const variant: Variant = variants[name];
	await checkCompiler(variant);
	const engine = join(fetchSources(cache), "moddable/xs");
	const files = readdirSync(join(engine, "sources"))
		.filter(file => file.endsWith(".c"))
		.map(file => join(engine, "sources", file));
	files.push(...[...common, ...variant.sources].map(file => join(hostFolder, file)));
	const folders = [...["includes", "platforms", "sources"].map(folder => join(engine, folder)), hostFolder];
	const flags = [...variant.flags, ...folders.map(folder => `-I${folder}`)];

	console.log(`xs: compiling ${files.length} files for ${name} with ${variant.compiler}`);
	const folder = dirname(program);
	const draft = `${folder}.${process.pid}`;
	mkdirSync(draft, { recursive: true });
	try {
		const objects = await compileFiles(variant.compiler, files, flags, draft);
		await run(variant.compiler, [...objects, ...variant.libraries, "-o", join(draft, "machine")], { cwd: hostFolder });
		for (const object of objects) rmSync(object);
		rmSync(folder, { recursive: true, force: true });
		renameSync(draft, folder);
	} catch (error) {
		rmSync(draft, { recursive: true, force: true });
		throw error;
	}
	console.log(`xs: ${name} built in ${((Date.now() - began) / 1000).toFixed(1)} s`);
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

async function compileFiles(compiler: string, files: string[], flags: string[], folder: string): Promise<string[]> {
	const waiting = [...files];
	const objects: string[] = [];
	async function work(): Promise<void> {
		for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
			const object = join(folder, `${basename(file, extname(file))}.o`);
			await run(compiler, [...flags, "-c", file, "-o", object]);
			objects.push(object);
		}
	}
	await Promise.all(Array.from({ length: availableParallelism() }, work));
	return objects.sort();
}

async function main(names: string[]): Promise<void> {
	const unknown = names.filter(name => !(name in variants));
	if (unknown.length > 0)
		throw new Error(`no such variant: ${unknown.join(", ")}; there are ${variantNames.join(", ")}`);
	for (const name of variantNames) {
		if (names.length === 0 || names.includes(name)) await build(name);
	}
}

main(process.argv.slice(2)).catch((error: Error) => {
	console.error(`xs: ${error.message}`);
	process.exitCode = 1;
});
