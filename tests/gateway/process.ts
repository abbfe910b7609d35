import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A process under test and what it has written. */
export interface Child {
	readonly process: ChildProcess;
	readonly output: string[];
	readonly exit: Promise<number | null>;
	/** Resolves when a line has `part` in it; fails when the process ends before that. */
	waitFor(part: string): Promise<void>;
	stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const waitMs = 30_000;

export function startChild(command: string, words: readonly string[], environment: Record<string, string> = {}): Child {
	const { HOME = "/", PATH = "" } = process.env;
	const child = spawn(command, words, {
		cwd: root,
		env: { HOME, PATH, ...environment },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const output: string[] = [];
	const take = (bytes: Buffer) => output.push(bytes.toString());
	child.stdout.on("data", take);
	child.stderr.on("data", take);
	const exit = new Promise<number | null>((resolve, reject) => {
		child.once("exit", code => resolve(code));
		child.once("error", reject);
	});
	let ended = false;
	void exit.then(() => {
		ended = true;
	});
	return {
		process: child,
		output,
		exit,
		async waitFor(part) {
			for (const end = Date.now() + waitMs; !output.join("").includes(part); ) {
				if (ended || Date.now() > end) throw new Error(`no "${part}" in:\n${output.join("")}`);
				await new Promise(resolve => setTimeout(resolve, 20));
			}
		},
		stop(signal = "SIGTERM") {
			if (!ended) child.kill(signal);
			return exit;
		},
	};
}

/** `npm start -- …` without npm's own process in between. */
export function startGateway(words: readonly string[], environment: Record<string, string> = {}): Child {
	return startChild(process.execPath, ["--import", "tsx", "simulator/start.ts", ...words], environment);
}

/** Bytes of memory that the process has. */
export function residentMemory(child: Child): number {
	const status = readFileSync(`/proc/${child.process.pid}/status`, "utf8");
	return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Waits until `look` gives something; fails after half a minute. */
export async function waitUntil<T>(what: string, look: () => Promise<T | null> | T | null): Promise<T> {
	for (const end = Date.now() + waitMs; ; ) {
		const found = await look();
		if (found !== null && found !== false) return found;
		if (Date.now() > end) throw new Error(`never: ${what}`);
		await new Promise(resolve => setTimeout(resolve, 50));
	}
}
