/** Where the built XS machines are. */

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchSources, tarball } from "./sources.js";
import { type Variant, type VariantName, variants } from "./variants.js";

export const cache = fileURLToPath(new URL("../../.cache/xs/", import.meta.url));
export const hostFolder = fileURLToPath(new URL("./host/", import.meta.url));

/** What XS's own files see of this folder. */
const seen = ["platform.h", "lx106.h"];

/** The folder with XS's own C sources. Throws where a variant wants the SDK's and MODDABLE does not lead to them. */
export function findEngine(variant: Variant): string {
	if (!variant.fromSdk) return join(fetchSources(cache), "moddable/xs");
	const engine = join(process.env.MODDABLE ?? "", "xs");
	if (!existsSync(join(engine, "sources/xsAll.h"))) throw new Error("MODDABLE does not lead to the Moddable SDK");
	return engine;
}

/** Where XS's own object files are, which take by far the most time: a folder under a hash of all that goes into them. */
export function objectsPath(name: VariantName): string {
	return join(cache, `${name}-objects-${hashFiles(name, seen)}`);
}

/** Where a variant's program is, or will be built. */
export function programPath(name: VariantName): string {
	return join(cache, `${name}-${hashFiles(name, readdirSync(hostFolder).sort())}`, "machine");
}

function hashFiles(name: VariantName, files: readonly string[]): string {
	const variant: Variant = variants[name];
	const hash = createHash("sha256").update(JSON.stringify([tarball.sha512, variant]));
	if (variant.fromSdk) {
		const sources = join(findEngine(variant), "sources");
		for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)));
	}
	for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(hostFolder, file)));
	return hash.digest("hex").slice(0, 16);
}

/** The cause of the error that a program is not built, which is no fault of the code: its message says all. */
const notBuilt = "not built";

/** What people who started a tool are told of an error that ended it. */
export function describeFailure(error: Error): string {
	return error.cause === notBuilt ? error.message : (error.stack ?? error.message);
}

/** Throws, saying what to do, when the program has not been built from what is in this folder now. */
export function findProgram(name: VariantName, path: string = programPath(name)): string {
	if (existsSync(path)) return path;
	const packages = variants[name].packages.join(" ");
	throw new Error(
		`the XS machine ${name} is not built: run \`npm run xs\` (needs ${packages}; \`npm run setup\` installs)`,
		{ cause: notBuilt },
	);
}
