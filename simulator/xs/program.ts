import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tarball } from "./sources.js";
import { type VariantName, variants } from "./variants.js";

export const cache = fileURLToPath(new URL("../../.cache/xs/", import.meta.url));
export const hostFolder = fileURLToPath(new URL("./host/", import.meta.url));

/** Where a variant's program is, or will be built: under a hash of all that goes into it. */
export function programPath(name: VariantName): string {
	const hash = createHash("sha256").update(JSON.stringify([tarball.sha512, variants[name]]));
	for (const file of readdirSync(hostFolder).sort())
		hash.update(`\0${file}\0`).update(readFileSync(join(hostFolder, file)));
	return join(cache, `${name}-${hash.digest("hex").slice(0, 16)}`, "machine");
}

/** Throws, saying what to do, when the program has not been built from what is in this folder now. */
export function findProgram(name: VariantName): string {
	const path = programPath(name);
	if (existsSync(path)) return path;
	const packages = variants[name].packages.join(" ");
	throw new Error(
		`the XS machine ${name} is not built: run \`npm run xs\` (needs ${packages}; \`npm run setup\` installs)`,
	);
}
