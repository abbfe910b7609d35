import { join } from "node:path";
import { findProgram } from "../xs/program.js";
import type { Engine, EngineOptions } from "./engine.js";
import { compileModules } from "./modules.js";
import { createWorker, type Figures } from "./worker.js";

/** An engine that also says what the latest call cost. */
export interface XsEngine extends Engine {
	readonly figures: Figures;
}

/** Evaluated in the machine before the first call: loads the guest and hands its exceptions on with their stacks. */
const prelude = (path: string) => `
globalThis.loading = null;
import(${JSON.stringify(path)}).then(({ createGuest }) => {
	const { handle } = createGuest();
	globalThis.handleCommand = request => {
		try {
			return handle(request);
		} catch (error) {
			throw String(error?.stack ?? error);
		}
	};
}).catch(error => {
	loading = String(error?.stack ?? error);
});`;
const verdict = "if (loading !== null) throw loading";

/** Runs the guest in an XS machine, a process of its own. Rejects when the machine has not been built. */
export async function createXsEngine(guest: URL, options: EngineOptions = {}): Promise<XsEngine> {
	const program = findProgram();
	const { root, entry } = await compileModules(guest);
	const worker = createWorker(program, [], root, options.timeout ?? 60_000);
	let figures: Figures = { compute: 0 };
	try {
		await worker.send("e", Buffer.from(prelude(join(root, entry))));
		await worker.send("e", Buffer.from(verdict));
	} catch (error) {
		await worker.close();
		throw error;
	}
	return {
		get figures() {
			return figures;
		},
		async call(request) {
			const reply = await worker.send("?", request);
			figures = reply.figures;
			return reply.bytes;
		},
		close: worker.close,
	};
}
