/** Runs a module of the board in Node, with text in the place of each of the SDK's modules. */
import { createGuard, type Guard } from "../../modules/ports/guard.js";
import { loadModule } from "../../tools/sdk/load.js";

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
	guard: Guard;
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
	const world: World = {
		calls: [],
		timers: [],
		failing: new Set(),
		call(called, ...about) {
			world.calls.push([called, ...about]);
			if (world.failing.has(called)) throw new Error(`no memory for ${called}`);
		},
	};
	const texts: Readonly<Record<string, string>> = { timer, ...text };
	const standIn = (name: string) => ({ contents: texts[name] ?? "export default class {}" });
	const module = await loadModule<Module>(path, world, standIn);
	const exceptions: unknown[] = [];
	return {
		module,
		world,
		exceptions,
		guard: createGuard(error => exceptions.push(error)),
		ring() {
			for (const { work } of world.timers.splice(0)) work();
		},
	};
}
