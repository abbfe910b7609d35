import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const cache = fileURLToPath(new URL("../../.cache/xs/", import.meta.url));
const own = fileURLToPath(new URL("./", import.meta.url));

/** The machine's program for a build whose inputs hash to `key`. */
export function programPath(): string {
	return join(cache, `worker-${buildKey()}`, "worker");
}

/** A hash of everything the build takes in: this folder (which pins the package and holds the options). */
export function buildKey(): string {
	const hash = createHash("sha256");
	for (const name of readdirSync(own).sort()) hash.update(`${name}\0`).update(readFileSync(join(own, name)));
	return hash.digest("hex").slice(0, 16);
}

/** Throws, saying what to do, when the program has not been built from what is in this folder now. */
export function findProgram(): string {
	const path = programPath();
	if (!existsSync(path)) throw new Error("the XS machine is not built: run `npm run xs` (needs gcc: `npm run setup`)");
	return path;
}
