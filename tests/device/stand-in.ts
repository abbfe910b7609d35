/** Runs a module of the board in Node, with text in the place of each of the SDK's modules. */
import { build, type Plugin } from "esbuild";

const root = new URL("../../", import.meta.url).pathname;

/** What the stand-ins find as `globalThis.WORLD`. */
export interface World {
	readonly calls: unknown[][];
	readonly timers: { work: () => void; delay: number }[];
	/** The next calls of these names throw, as for want of memory. */
	readonly failing: Set<string>;
	call(name: string, ...about: unknown[]): void;
}

export interface Loaded<Module> {
	module: Module;
	world: World;
	exceptions: unknown[];
	guard(handle: () => void): boolean;
	/** Rings all timers that are set now. */
	ring(): void;
}

const timer = `export default {
	set(work, delay = 0) {
		globalThis.WORLD.call("Timer.set", delay);
		globalThis.WORLD.timers.push({ work, delay });
	},
};`;

export async function load<Module>(path: string, text: Readonly<Record<string, string>>): Promise<Loaded<Module>> {
	const name = `board${Math.random().toString(36).slice(2)}`;
	const world: World = {
		calls: [],
		timers: [],
		failing: new Set(),
		call(called, ...about) {
			world.calls.push([called, ...about]);
			if (world.failing.has(called)) throw new Error(`no memory for ${called}`);
		},
	};
	Object.assign(globalThis, { [name]: world });
	const plugin: Plugin = {
		name: "sdk",
		setup({ onResolve, onLoad }) {
			onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => (kind === "entry-point" ? null : { path, namespace: "sdk" }));
			onLoad({ filter: /.*/, namespace: "sdk" }, ({ path }) => ({
				contents: ({ timer, ...text }[path] ?? "export default class {}").replaceAll("WORLD", name),
				loader: "js",
			}));
		},
	};
	const { outputFiles } = await build({
		entryPoints: [`${root}${path}`],
		bundle: true,
		write: false,
		format: "esm",
		plugins: [plugin],
		logLevel: "silent",
	});
	const code = Buffer.from(outputFiles[0]!.contents).toString("base64");
	const exceptions: unknown[] = [];
	return {
		module: (await import(`data:text/javascript;base64,${code}`)) as Module,
		world,
		exceptions,
		guard(handle) {
			try {
				handle();
				return true;
			} catch (error) {
				exceptions.push(error);
				return false;
			}
		},
		ring() {
			for (const { work } of world.timers.splice(0)) work();
		},
	};
}
