/** Programs in processes of their own: the gateway, and what stands in for a cable. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { waitUntil } from "../support/wait.js";

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

export function startChild(
	command: string,
	words: readonly string[],
	environment: Record<string, string> = {},
	folder: string = root,
): Child {
	const { HOME = "/", PATH = "" } = process.env;
	const child = spawn(command, words, {
		cwd: folder,
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
			const text = () => output.join("");
			const look = () => {
				if (text().includes(part)) return true;
				if (ended) throw new Error(`it ended without "${part}":\n${text()}`);
				return false;
			};
			await waitUntil(part, look, () => `, in:\n${text()}`);
		},
		stop(signal = "SIGTERM") {
			if (!ended) child.kill(signal);
			return exit;
		},
	};
}

/** The gateway as a service runs it. */
export function startGateway(words: readonly string[], environment: Record<string, string> = {}): Child {
	return startChild(process.execPath, ["--import", "tsx", "gateway/main.ts", ...words], environment);
}

/** Bytes of memory that the process has. */
export function residentMemory(child: Child): number {
	const status = readFileSync(`/proc/${child.process.pid}/status`, "utf8");
	return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
