/** Bundles npm packages for XS. */

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { CompiledModules } from "../../simulator/engines/modules.js";

const output = fileURLToPath(new URL("../../.cache/xs/bundles/", import.meta.url));

/** What packages for browsers expect to find. They get no source of chance: opening needs none. */
const banner = "globalThis.window = globalThis; globalThis.self = globalThis;";

/** Compiles a guest that imports npm packages into one module. */
export async function bundleModules(guest: URL): Promise<CompiledModules> {
	const { outputFiles } = await build({
		entryPoints: [fileURLToPath(guest)],
		bundle: true,
		write: false,
		format: "esm",
		target: "es2022",
		platform: "neutral",
		mainFields: ["module", "main"],
		banner: { js: banner },
		define: { "process.env.NODE_ENV": '"production"' },
		external: ["crypto", "buffer"],
		logLevel: "error",
	});
	const text = outputFiles[0]!.text;
	const root = join(output, createHash("sha256").update(text).digest("hex").slice(0, 20));
	mkdirSync(root, { recursive: true });
	writeFileSync(join(root, "guest.js"), text);
	return { root, entry: "guest.js", paths: ["guest.js"] };
}
