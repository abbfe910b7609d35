/** The engine that runs a guest in a real XS machine, and says what each call cost. */

import { findProgram } from "../xs/program.js";
import { type VariantName, variants } from "../xs/variants.js";
import type { Engine, EngineOptions, Memory } from "./contract.js";
import { type CompiledModules, compileModules } from "./modules.js";
import { createWorker, type Figures } from "./worker.js";

export interface XsOptions extends EngineOptions {
	/** `x64` by default. */
	variant?: VariantName;
	memory?: Memory;
	/** Whether exceptions tell lines. Byte code is then 4 to 15 % longer and slower. By default wherever the machine can (not in `xtensa`). */
	lines?: boolean;
	/**
	 * Whether the modules are in flash, read-only, as on the device (the default), or in RAM together with all of XS. A function
	 * says it for each module; what the guest does not import itself must come before its importers.
	 */
	preload?: boolean | ((path: string) => boolean);
	/** Makes modules that XS can load of the guest; by default one file for each of this project's. */
	compile?: (guest: URL) => Promise<CompiledModules>;
}

/** An engine that also says what the latest call cost. */
export interface XsEngine extends Engine {
	readonly figures: Figures;
	/** Byte code per module in bytes. */
	readonly codes: Readonly<Record<string, number>>;
	/** The time that the machine's `Date` tells, in ms since 1970; 0 until it is set. */
	setTime(now: number): Promise<void>;
	/** Collects garbage; `figures` then tell what is alive. */
	collect(): Promise<void>;
	/**
	 * Lives through `course`, after which the machine is as it was before, also where it ended in it: `course` then sees the reason as
	 * an error. Not within another one, and not in `xtensa`.
	 */
	attempt<Outcome>(course: () => Promise<Outcome>): Promise<Outcome>;
}

/** Large enough for anything: for behaviour, not for measuring. */
const roomy: Memory = { chunks: [1 << 20, 1 << 16], slots: [1 << 16, 1 << 12], stack: 4096, keys: [1024, 256] };

/** Runs the guest in an XS machine, a process of its own. Rejects when the machine has not been built. */
export async function createXsEngine(guest: URL, options: XsOptions = {}): Promise<XsEngine> {
	const {
		variant = "x64",
		memory = roomy,
		lines = variant !== "xtensa",
		preload = true,
		timeout = 60_000,
		compile = compileModules,
	} = options;
	const program = findProgram(variant);
	const { root, entry, paths } = await compile(guest);
	const [command, ...parameters] = [...variants[variant].emulator, program];
	const worker = createWorker(command!, parameters, root, timeout);
	let figures: Figures;
	let codes: Record<string, number>;
	try {
		const preloads = preload === false ? [] : paths.filter(preload === true ? () => true : preload);
		await worker.send("c", Buffer.from(describe(memory, lines, preloads)));
		const reply = await worker.send("m", Buffer.from(entry));
		figures = reply.figures;
		codes = JSON.parse(Buffer.from(reply.bytes).toString());
	} catch (error) {
		await worker.close();
		throw error;
	}
	async function send(command: string, bytes: Uint8Array): Promise<Uint8Array> {
		const reply = await worker.send(command, bytes);
		figures = reply.figures;
		return reply.bytes;
	}
	return {
		get figures() {
			return figures;
		},
		codes,
		call: request => send("?", request),
		async setTime(now) {
			await send("t", Buffer.from(String(now)));
		},
		async collect() {
			await send("g", Buffer.alloc(0));
		},
		async attempt(course) {
			await send("k", Buffer.alloc(0));
			try {
				return await course();
			} finally {
				await send("b", Buffer.alloc(0));
			}
		},
		close: worker.close,
	};
}

function describe({ chunks, slots, stack, keys, limit = 0 }: Memory, lines: boolean, preloads: string[]): string {
	const text = [
		`chunks ${chunks.join(" ")}`,
		`slots ${slots.join(" ")}`,
		`stack ${stack}`,
		`keys ${keys.join(" ")}`,
		`limit ${limit}`,
	];
	if (lines) text.push("lines");
	if (preloads.length > 0) text.push("preload", ...preloads);
	return `${text.join("\n")}\n`;
}
