/** Runs the board's announcer in Node over a DNS-SD module: the SDK's own, or another one for a test. */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Guard } from "../../modules/ports/guard.js";
import type { Closable, Service } from "../../modules/ports/ports.js";
import { type AnnouncerWorld, createWorld } from "./announcer-world.js";
import type { ModuleFiles } from "./exports.js";
import { root } from "./modules.js";

/** What the SDK's modules get from C, in JavaScript: the network, timers, and the reader of packets. */
const stand: Readonly<Record<string, string>> = {
	net: 'export default { get: () => "192.0.2.7" };',
	timer: `export default {
		set: (callback, delay = 0) => globalThis.WORLD.set(callback, delay),
		repeat: (callback, interval, first) => globalThis.WORLD.repeat(callback, interval),
		schedule: (timer, delay, interval) => globalThis.WORLD.schedule(timer, delay, interval),
		clear: timer => globalThis.WORLD.clear(timer),
	};`,
	"dns/parser": "export default class { constructor(packet) { return globalThis.WORLD.parse(packet); } };",
};

interface Running {
	announce(service: Service): Closable;
	exceptions: unknown[];
	world: AnnouncerWorld;
}

/** Each has a module of its own, with its world's name in it. `files`: the SDK's modules by their name; those that are not among them come from `text`. */
export async function loadAnnouncer(files: ModuleFiles, text: Readonly<Record<string, string>>): Promise<Running> {
	const { world, io, services } = createWorld();
	const name = `announcer${Math.random().toString(36).slice(2)}`;
	Object.assign(globalThis, { [name]: services });
	const plugin: Plugin = {
		name: "sdk",
		setup({ onResolve, onLoad }) {
			onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => (kind === "entry-point" ? null : { path, namespace: "sdk" }));
			onLoad({ filter: /.*/, namespace: "sdk" }, ({ path }) => {
				const file = files.get(path);
				const contents = text[path] ?? stand[path] ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
				if (contents === undefined) throw new Error(`no module ${path}`);
				return {
					contents: contents.replaceAll("WORLD", name),
					loader: "js",
					resolveDir: file === undefined ? root : dirname(file),
				};
			});
		},
	};
	const entry = join(root, "modules/device/announcer/esp32/announcer.ts");
	const { outputFiles } = await build({
		entryPoints: [entry],
		bundle: true,
		write: false,
		format: "esm",
		plugins: [plugin],
		logLevel: "silent",
	});
	const code = Buffer.from(outputFiles[0]!.contents).toString("base64");
	const module = (await import(`data:text/javascript;base64,${code}`)) as {
		createAnnouncer: (guard: Guard, io: unknown) => Running["announce"];
	};
	const exceptions: unknown[] = [];
	const guard = (handle: () => void) => {
		try {
			handle();
			return true;
		} catch (error) {
			exceptions.push(error);
			return false;
		}
	};
	return { announce: module.createAnnouncer(guard, io), exceptions, world };
}
