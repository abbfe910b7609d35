/** The tables of `docs/architecture.md` that are made of the code: arrows and timeouts, as cells of text. */

import { areas } from "./arrows.js";
import type { Source } from "./imports.js";

type Area = (typeof areas)[number];

/** Files of the firmware that are areas of their own, and the folders that make the firmware, from the ground floor up. */
const halves = areas.map(({ folder }) => folder).filter(folder => /^modules\/.*\.ts$/.test(folder));
const rooms = areas
	.map(({ folder }) => folder)
	.filter(folder => /^modules\/\w+$/.test(folder) && folder !== "modules/device");

/** One row per area: its folder, what it may import, and what of that comes from outside of the project. */
export function formatArrows(): string[][] {
	return areas.map(area => [quote(area.folder), formatTargets(area.areas), formatBare(area.bare)]);
}

/** `halves` and `rooms` where all of them are meant; everything else by name. */
function formatTargets(targets: Area["areas"]): string {
	const has = (names: readonly string[]) => names.every(name => targets.includes(name));
	const words: string[] = [];
	const named = new Set(targets);
	for (const [word, names] of [
		["halves", halves],
		["rooms", rooms],
	] as const) {
		if (!has(names)) continue;
		words.push(word);
		for (const name of names) named.delete(name);
	}
	return [...words, ...Array.from(named, quote)].join(", ") || "nothing";
}

function formatBare(bare: Area["bare"]): string {
	if (bare === "none") return "none";
	if (bare === "host") return "npm's packages, Node's modules";
	if (bare === "device") return "the SDK's modules, `device/…`";
	return bare.map(quote).join(", ");
}

function quote(name: string): string {
	return `\`${name}\``;
}

/** Every constant whose name ends in `Ms`, as file, name and value: `10 * 60_000` is `10 min`. */
export function formatTimeouts(sources: readonly Source[]): string[][] {
	return sources
		.filter(({ path }) => path.startsWith("modules/"))
		.flatMap(({ path, text }) =>
			[...text.matchAll(/^(?:export )?const (\w+Ms) = ([^;]+);/gm)].map(([, name, value]) => [
				quote(path),
				quote(name!),
				formatDuration(evaluate(value!)),
			]),
		);
}

/** A product of numbers; throws on anything else, which then needs a look at this test. */
function evaluate(expression: string): number {
	if (!/^[\d_.]+( \* [\d_.]+)*$/.test(expression)) throw new Error(`${expression} is no product of numbers`);
	return expression.split(" * ").reduce((product, factor) => product * Number(factor.replaceAll("_", "")), 1);
}

/** In the largest unit of which it is a whole number, seconds up to a minute and a half. */
function formatDuration(milliseconds: number): string {
	if (milliseconds < 1_000) return `${milliseconds} ms`;
	if (milliseconds < 90_000 || milliseconds % 60_000 !== 0) return `${milliseconds / 1_000} s`;
	return milliseconds % 3_600_000 === 0 ? `${milliseconds / 3_600_000} h` : `${milliseconds / 60_000} min`;
}
