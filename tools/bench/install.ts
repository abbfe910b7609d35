/** Installs what the benchmark is compared with, when it is needed: `tools/bench/package.json`, and on no other occasion. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("./", import.meta.url);

interface LockFile {
	packages: Record<string, { version: string }>;
}

export function readLock(): LockFile {
	return JSON.parse(readFileSync(new URL("package-lock.json", folder), "utf8"));
}

/** Installs nothing where all of them are there in their versions. Throws where npm cannot. */
export function installPeers(): void {
	if (areInstalled()) return;
	execFileSync("npm", ["ci", "--prefer-offline", "--silent"], { cwd: fileURLToPath(folder), stdio: ["ignore", 2, 2] });
}

function areInstalled(): boolean {
	const { dependencies } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
	return Object.entries(dependencies).every(([name, version]) => {
		const manifest = new URL(`node_modules/${name}/package.json`, folder);
		return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
	});
}
