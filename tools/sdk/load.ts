/** Runs a module of the board in Node, with other text in the place of each module that it imports by name. */

import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "./modules.js";

/** What stands in for a module, and the folder from which that imports. */
export interface StandIn {
	readonly contents: string;
	readonly folder?: string;
}

/** `path`: of the module, from the root. `world`: what the stand-ins find as `globalThis.WORLD`; each load has its own. */
export async function loadModule<Module>(
	path: string,
	world: object,
	standIn: (name: string) => StandIn,
): Promise<Module> {
	const own = `board${Math.random().toString(36).slice(2)}`;
	Object.assign(globalThis, { [own]: world });
	const plugin: Plugin = {
		name: "sdk",
		setup({ onResolve, onLoad }) {
			onResolve({ filter: /^[a-zA-Z]/ }, ({ path: name, kind }) =>
				kind === "entry-point" ? null : { path: name, namespace: "sdk" },
			);
			onLoad({ filter: /.*/, namespace: "sdk" }, ({ path: name }) => {
				const { contents, folder = root } = standIn(name);
				return { contents: contents.replaceAll("WORLD", own), loader: "js", resolveDir: folder };
			});
		},
	};
	const { outputFiles } = await build({
		entryPoints: [join(root, path)],
		bundle: true,
		write: false,
		format: "esm",
		plugins: [plugin],
		logLevel: "silent",
	});
	const code = Buffer.from(outputFiles[0]!.contents).toString("base64");
	return (await import(`data:text/javascript;base64,${code}`)) as Module;
}
