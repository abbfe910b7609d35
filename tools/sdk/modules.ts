/** The modules of the manifest, and the files of which they are made. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const platforms = ["esp32", "lin"] as const;
export type Platform = (typeof platforms)[number];

export interface Manifest {
	modules: Record<string, string | string[]>;
	preload: string[];
	config: Record<string, unknown>;
	typescript: { tsconfig: { compilerOptions: Record<string, unknown> } };
	platforms: Record<string, { error?: string }>;
}

export function readJson<T>(path: string): T {
	return JSON.parse(readFileSync(join(root, path), "utf8")) as T;
}

/** All TypeScript of the board's, both platforms', relative to the root. */
export function listSources(): string[] {
	const names = readdirSync(join(root, "modules"), { recursive: true, encoding: "utf8" });
	return ["main.ts", ...names.filter(name => name.endsWith(".ts")).map(name => `modules/${name.split(sep).join("/")}`)];
}

/** The name and the file of each module of ours that the manifest finds on disk, as `mcconfig` does: the first one counts. */
export function findModules(manifest: Manifest, platform: Platform): Map<string, string> {
	const found = new Map<string, string>();
	for (const [target, sources] of Object.entries(manifest.modules)) {
		if (target === "~") continue;
		for (const source of [sources].flat()) {
			if (!source.startsWith("./")) continue;
			const path = source.slice(2).replace("$(PLATFORM)", platform);
			for (const [name, file] of expand(target, path)) if (!found.has(name)) found.set(name, file);
		}
	}
	return found;
}

function expand(target: string, path: string): [string, string][] {
	if (!path.endsWith("/*")) {
		const file = [".ts", ".js"].map(end => path + end).find(name => existsSync(join(root, name)));
		return file === undefined ? [] : [[target === "*" ? path : target, file]];
	}
	const folder = path.slice(0, -2);
	return readdirSync(join(root, folder))
		.filter(name => /\.[tj]s$/.test(name) && statSync(join(root, folder, name)).isFile())
		.map(name => [target.replace("*", name.replace(/\.[tj]s$/, "")), join(folder, name)]);
}

/** Modules of the SDK that its own manifests do not preload. */
const preloadedOfSdk = ["embedded:network/mqtt/client", "ssl/session"];

/** What `preload` has to say: every module by name, because a wildcard there skips .ts silently. `main` brings the rest of ours. */
export function listPreload(manifest: Manifest): string[] {
	const names = platforms.flatMap(platform => [...findModules(manifest, platform).keys()]);
	return [...new Set([...names, ...preloadedOfSdk])].sort();
}
