/** The program behind `npm run mutate`. */

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseWords } from "../../gateway/words.js";
import { type Mutant, mutants } from "./mutants.js";

/**
 * `npm run --silent mutate -- [--only TEXT] [--seeds N]`: makes each deliberate mistake in a copy of the firmware, lives through the
 * scenario that must show it, and prints one JSON line for each with the seed that showed it. Exit 1 if one stays hidden, 2 for arguments that cannot be used.
 */

const project = fileURLToPath(new URL("../../", import.meta.url));

interface Verdict {
	mutant: string;
	promise: string;
	scenario: string;
	hours: number;
	/** The first seed that showed it, or null. */
	seed: number | null;
	violation: string | null;
}

function main(): void {
	const values = parseWords(process.argv.slice(2), { only: { type: "string" }, seeds: { type: "string" } });
	if (typeof values === "string") {
		complain(values);
		return;
	}
	const only = String(values.only ?? "");
	const chosen = mutants.filter(({ name }) => name.includes(only));
	const seeds = Number(values.seeds ?? "5");
	if (chosen.length === 0) complain(`no mistake has ${JSON.stringify(only)} in its name`);
	else if (!Number.isInteger(seeds) || seeds < 1) complain("--seeds is a whole number from 1");
	else judgeAll(chosen, seeds);
}

function complain(text: string): void {
	console.error(`mutate: ${text}\nusage: npm run --silent mutate -- [--only TEXT] [--seeds N]`);
	process.exitCode = 2;
}

function judgeAll(chosen: readonly Mutant[], seeds: number): void {
	const copy = copyProject();
	let hidden = 0;
	try {
		for (const mutant of chosen) {
			const verdict = judge(mutant, copy, seeds);
			console.log(JSON.stringify(verdict));
			if (verdict.seed === null) hidden += 1;
		}
	} finally {
		rmSync(copy, { recursive: true });
	}
	process.exitCode = hidden > 0 ? 1 : 0;
}

function copyProject(): string {
	const copy = mkdtempSync(join(tmpdir(), "smarty-mutants-"));
	const configuration = ["package.json", "tsconfig.json", "tsconfig.host.json"];
	for (const name of ["modules", "gateway", "simulator", "types", "contrib/lorawan", ...configuration]) {
		cpSync(join(project, name), join(copy, name), { recursive: true });
	}
	symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
	return copy;
}

function judge(mutant: Mutant, copy: string, seeds: number): Verdict {
	const { name, promise, file, find, replace, scenario, hours } = mutant;
	const path = join(copy, file);
	const text = readFileSync(path, "utf8");
	if (text.split(find).length !== 2) throw new Error(`${file} does not have exactly one "${find}"`);
	writeFileSync(
		path,
		text.replace(find, () => replace),
	);
	try {
		for (let seed = 1; seed <= seeds; seed++) {
			const violation = live(copy, scenario, seed, hours);
			if (violation !== null) return { mutant: name, promise, scenario, hours, seed, violation };
		}
		return { mutant: name, promise, scenario, hours, seed: null, violation: null };
	} finally {
		writeFileSync(path, text);
	}
}

/** The first violation of a run, or null for a run without one. */
function live(copy: string, scenario: string, seed: number, hours: number): string | null {
	const words = ["--scenario", scenario, "--seed", `${seed}`, "--hours", `${hours}`, "--random", "1"];
	const tsx = join(
		dirname(execFileSync("npm", ["root"], { cwd: project, encoding: "utf8" }).trim()),
		"node_modules/tsx",
	);
	const program = ["--import", join(tsx, "dist/loader.mjs"), "simulator/simulate.ts", ...words];
	const result = spawnSync(process.execPath, program, { cwd: copy, encoding: "utf8", maxBuffer: 1 << 28 });
	if (result.status === 0) return null;
	if (result.status !== 1) throw new Error(`the world failed: ${result.stderr.slice(-2000)}`);
	return JSON.parse(result.stdout.trim().split("\n").at(-1)!).violations[0];
}

main();
