import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cache, compiler, flags as ownFlags, programPath } from "./program.js";
import { fetchSources } from "./sources.js";

/** `npm run xs`: builds the XS machine of the simulator, unless it is there already. */

const run = promisify(execFile);
async function build(): Promise<void> {
	const program = programPath();
	if (existsSync(program)) return console.log("xs: built already");
	const began = Date.now();
	await checkCompiler();
	const sources = fetchSources(cache);
	const engine = join(sources, "moddable/xs");
	const host = join(sources, "xsnap-native/xsnap/sources");
	const data = join(sources, "moddable/modules/data");
	const files = [
		...readdirSync(join(engine, "sources"))
			.filter(name => name.endsWith(".c"))
			.map(name => join(engine, "sources", name)),
		join(data, "text/decoder/textdecoder.c"),
		join(data, "text/encoder/textencoder.c"),
		join(data, "base64/modBase64.c"),
		join(host, "xsnapPlatform.c"),
		join(host, "xsnap-worker.c"),
	];
	const folders = [...["includes", "platforms", "sources"].map(name => join(engine, name)), host];
	const flags = [...ownFlags, ...folders.map(folder => `-I${folder}`)];

	console.log(`xs: compiling ${files.length} files with ${compiler}`);
	const folder = dirname(program);
	const draft = `${folder}.${process.pid}`;
	mkdirSync(draft, { recursive: true });
	try {
		const objects = await compileFiles(files, flags, draft);
		await run(compiler, ["-rdynamic", ...objects, "-ldl", "-lm", "-lpthread", "-o", join(draft, "worker")]);
		for (const object of objects) rmSync(object);
		rmSync(folder, { recursive: true, force: true });
		renameSync(draft, folder);
	} catch (error) {
		rmSync(draft, { recursive: true, force: true });
		throw error;
	}
	console.log(`xs: built in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

async function checkCompiler(): Promise<void> {
	try {
		await run(compiler, ["--version"]);
	} catch {
		throw new Error(`${compiler} is not installed: run \`npm run setup\`, or install Debian's package gcc`);
	}
}

async function compileFiles(files: string[], flags: string[], folder: string): Promise<string[]> {
	const waiting = [...files];
	const objects: string[] = [];
	async function work(): Promise<void> {
		for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
			const object = join(folder, `${basename(file, ".c")}.o`);
			await run(compiler, [...flags, "-c", file, "-o", object]);
			objects.push(object);
		}
	}
	await Promise.all(Array.from({ length: availableParallelism() }, work));
	return objects.sort();
}

build().catch((error: Error) => {
	console.error(`xs: ${error.message}`);
	process.exitCode = 1;
});
