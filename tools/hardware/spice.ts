/** Runs ngspice as WebAssembly. */

import { Simulation } from "eecircuit-engine";

/** One run of ngspice: the values of every node over time, or one value each for an operating point. */
export interface Waveforms {
	readonly time: readonly number[];
	/** Values of a node in volts or of a source's branch in amperes, by its ngspice name such as `v(rx)`. */
	readonly values: ReadonlyMap<string, readonly number[]>;
}

let engine: Promise<Simulation> | null = null;

async function startEngine(): Promise<Simulation> {
	const simulation = new Simulation();
	await simulation.start();
	return simulation;
}

/**
 * Runs a deck in ngspice (WebAssembly). Cost: 0.1 s to 2 s a run.
 * @param stop end of the transient in seconds; null for an operating point.
 * @throws Error when ngspice reports one, or when the transient ended early: ngspice gives up ("timestep too small")
 * without any error and returns what it has, so the last moment is compared with the asked one.
 */
export async function simulate(lines: readonly string[], stop: number | null): Promise<Waveforms> {
	engine ??= startEngine();
	const simulation = await engine;
	const analysis = stop === null ? [".op"] : [];
	simulation.setNetList(["smarty-xs adapter", ...lines, ...analysis, ".end", ""].join("\n"));
	const result = await simulation.runSim();
	const problems = simulation.getError().filter(text => /^\s*error|interrupted|aborted|too small/i.test(text));
	if (result.dataType !== "real") throw new Error("ngspice: not a transient and not an operating point");
	const values = new Map(result.data.map(item => [item.name.toLowerCase(), item.values]));
	const time = values.get("time") ?? [];
	const last = time[time.length - 1] ?? 0;
	if (stop !== null && last < stop * 0.999) problems.unshift(`stopped at ${last} s instead of ${stop} s`);
	if (problems.length > 0) throw new Error(`ngspice: ${problems.join("; ")}`);
	return { time, values };
}

/** @throws Error for a name that is not in the run. */
export function readValues(run: Waveforms, name: string): readonly number[] {
	const values = run.values.get(name.toLowerCase());
	if (values === undefined) throw new Error(`ngspice gave no ${name}, only ${[...run.values.keys()].join(" ")}`);
	return values;
}

/** Smallest and largest value from a moment on. */
export function findRange(run: Waveforms, name: string, from = 0): { least: number; most: number } {
	let least = Number.POSITIVE_INFINITY;
	let most = Number.NEGATIVE_INFINITY;
	for (const [index, value] of readValues(run, name).entries()) {
		if ((run.time[index] ?? 0) < from) continue;
		least = Math.min(least, value);
		most = Math.max(most, value);
	}
	return { least, most };
}
