/** Runs a program of the project in its own process. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Program {
	pid: number;
	/** All of it so far. */
	output: { stdout: string; stderr: string };
	input: NodeJS.WritableStream;
	/** The exit code; null after a signal. */
	ended: Promise<number | null>;
	signal(name: NodeJS.Signals): void;
}

/** Runs one of the project's programs in a process of its own, as its npm script does. */
export function runProgram(
	file: string,
	words: readonly string[],
	nodeOptions: readonly string[] = [],
	environment: NodeJS.ProcessEnv = {},
): Program {
	const child = spawn(process.execPath, [...nodeOptions, "--import", "tsx", file, ...words], {
		cwd: root,
		env: { ...process.env, ...environment },
	});
	const output = { stdout: "", stderr: "" };
	child.stdout.setEncoding("utf8").on("data", text => (output.stdout += text));
	child.stderr.setEncoding("utf8").on("data", text => (output.stderr += text));
	child.stdin.on("error", () => {});
	return {
		pid: child.pid!,
		output,
		input: child.stdin,
		ended: new Promise(resolve => child.once("close", resolve)),
		signal: name => void child.kill(name),
	};
}
