/** The imports that each folder may have, and the search for those that it may not have. */

import { builtinModules } from "node:module";
import { type Import, parseImports, resolveRelative, type Source } from "./imports.js";

/** What the files of one area may import. Areas are folders or files; the first that fits counts. */
interface Area {
	folder: string;
	/** Areas of which values and types may be imported, apart from its own. */
	areas: readonly string[];
	/** Specifiers that are not relative: packages and Node's own modules; modules of the SDK and those that each platform has. */
	bare: "none" | "host" | "device" | readonly string[];
}

/** Pure halves of ports: what they decide is tested without the SDK. */
const halves = ["modules/uplink/packet-filter.ts", "modules/settings/line-editor.ts", "modules/setup/packets.ts"];

/** The rooms of the firmware from the ground floor up: a room may import the rooms that are named in its row. */
const rooms: readonly (readonly [folder: string, ...below: string[]])[] = [
	["ports"],
	["p1"],
	["tls", "ports"],
	["update", "ports", "tls"],
	["health", "ports", "p1"],
	["pulses", "ports", "p1"],
	["lorawan", "ports", "p1"],
	["meter", "ports", "p1"],
	["messages", "ports", "p1", "meter"],
	["settings", "ports", "p1", "tls", "meter", "messages"],
	["web", "ports", "p1", "health", "meter", "messages", "settings"],
	["uplink", "ports", "p1", "health", "meter", "messages", "settings"],
	["setup", "ports", "p1", "health", "meter", "messages", "settings", "web", "uplink"],
	["history", "ports", "p1", "health", "meter", "messages", "settings", "uplink"],
	[
		"firmware",
		"ports",
		"p1",
		"update",
		"pulses",
		"lorawan",
		"health",
		"meter",
		"messages",
		"settings",
		"web",
		"uplink",
		"setup",
		"history",
	],
];
const pure = [...halves, ...rooms.map(([folder]) => `modules/${folder}`)];

/** The table of `docs/architecture.md`, top to bottom: an area may import what stands in its row, and nothing else. */
export const areas: readonly Area[] = [
	...halves.map(folder => ({ folder, areas: ["modules/ports", "modules/p1"], bare: "none" as const })),
	...rooms.map(([folder, ...below]) => ({
		folder: `modules/${folder}`,
		areas: [...halves, ...below.map(name => `modules/${name}`)],
		bare: folder === "p1" || folder === "lorawan" ? ["aes-js"] : ("none" as const),
	})),
	{ folder: "modules/device/aes-js", areas: [], bare: ["aes-js/expansion", "aes-js/scope", "aes-js/index"] },
	{ folder: "modules/device/radio", areas: ["modules/ports", "modules/lorawan"], bare: "device" },
	{ folder: "modules/device", areas: [...halves, "modules/ports", "modules/tls"], bare: "device" },
	{ folder: "targets", areas: [], bare: "device" },
	{
		folder: "page",
		areas: [...halves, ...["ports", "p1", "settings", "history"].map(name => `modules/${name}`)],
		bare: "none",
	},
	{ folder: "main.ts", areas: [...pure, "modules/device"], bare: ["lorawan"] },
	{
		folder: "gateway",
		areas: [...halves, "modules/ports", "modules/tls", "modules/settings", "modules/firmware"],
		bare: "host",
	},
	{
		folder: "recorder/page",
		areas: ["modules/ports", "modules/p1", "page"],
		bare: "none",
	},
	{
		folder: "recorder",
		areas: ["modules/p1", "modules/messages", "modules/history", "modules/web", "page"],
		bare: "host",
	},
	{ folder: "simulator", areas: [...pure, "gateway"], bare: "host" },
	// A module of the firmware's in the check with the SDK.
	{ folder: "tools/sdk/preference.js", areas: [], bare: "device" },
	{ folder: "contrib", areas: [], bare: "host" },
	{ folder: "tools", areas: [...pure, "page", "gateway", "recorder", "simulator"], bare: "host" },
	{
		folder: "tests",
		areas: [
			...pure,
			"modules/device/aes-js",
			"page",
			"gateway",
			"recorder",
			"recorder/page",
			"simulator",
			"tools",
			"main.ts",
		],
		bare: "host",
	},
	{ folder: "vitest.config.ts", areas: [], bare: "host" },
];

/** What is there to be imported besides the project's own sources. */
export interface Surroundings {
	/** The names in package.json. */
	packages: readonly string[];
	/** Modules of the SDK: those that `types/` declares. */
	sdk: readonly string[];
}

/** Every arrow that the design forbids, one line each. */
export function findForbiddenArrows(sources: readonly Source[], surroundings: Surroundings): string[] {
	const paths = new Set(sources.map(source => source.path));
	const complaints: string[] = [];
	const edges = new Map<string, string[]>();
	for (const source of sources) {
		const area = findArea(source.path);
		if (area === null) {
			complaints.push(`${source.path}: lies in no folder of the design`);
			continue;
		}
		const targets: string[] = [];
		for (const entry of parseImports(source)) {
			const complaint = judge(entry, area, paths, surroundings);
			if (complaint !== null) complaints.push(`${entry.from}:${entry.line}: ${complaint}`);
			else if (entry.specifier?.startsWith(".")) targets.push(resolve(entry.from, entry.specifier, paths)!);
		}
		edges.set(source.path, targets);
	}
	return [...complaints, ...findCycles(edges)];
}

function findArea(path: string): Area | null {
	return areas.find(area => path === area.folder || path.startsWith(`${area.folder}/`)) ?? null;
}

function resolve(from: string, specifier: string, paths: ReadonlySet<string>): string | null {
	const path = resolveRelative(from, specifier);
	return [path.replace(/\.js$/, ".ts"), path].find(candidate => paths.has(candidate)) ?? null;
}

function judge(entry: Import, area: Area, paths: ReadonlySet<string>, surroundings: Surroundings): string | null {
	const { specifier } = entry;
	if (specifier === null) return area.bare === "host" ? null : "computes what it imports";
	if (!specifier.startsWith(".")) {
		return mayImportBare(specifier, area, paths, surroundings) ? null : `may not import ${specifier}`;
	}
	if (!/\.m?js$/.test(specifier)) return `${specifier} does not end in .js`;
	const target = resolve(entry.from, specifier, paths);
	if (target === null) return `${specifier} names no source`;
	const owner = findArea(target);
	if (owner === null) return `${specifier} lies in no folder of the design`;
	return owner === area || area.areas.includes(owner.folder) ? null : `may not import ${target}`;
}

function mayImportBare(
	specifier: string,
	area: Area,
	paths: ReadonlySet<string>,
	{ packages, sdk }: Surroundings,
): boolean {
	if (area.bare === "none") return false;
	if (area.bare === "device") return sdk.includes(specifier) || isOnEachPlatform(specifier, paths);
	if (area.bare !== "host") return area.bare.includes(specifier);
	if (specifier.startsWith("node:")) return builtinModules.includes(specifier.slice(5)) || specifier === "node:test";
	return packages.some(name => specifier === name || specifier.startsWith(`${name}/`));
}

/** `device/uart` is the one module in the folder of the platform that is built, `modules/device/uart/esp32/` for instance. */
function isOnEachPlatform(specifier: string, paths: ReadonlySet<string>): boolean {
	return ["esp32", "lin"].every(platform =>
		[...paths].some(path => path.startsWith(`modules/${specifier}/${platform}/`)),
	);
}

/** Each cycle of modules that import each other, types included, once, as `a → b → a`. */
function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
	const cycles: string[] = [];
	const done = new Set<string>();
	const trail: string[] = [];
	function visit(path: string): void {
		const at = trail.indexOf(path);
		if (at >= 0) cycles.push(`cycle: ${[...trail.slice(at), path].join(" → ")}`);
		if (at >= 0 || done.has(path)) return;
		trail.push(path);
		for (const target of edges.get(path) ?? []) visit(target);
		trail.pop();
		done.add(path);
	}
	for (const path of edges.keys()) visit(path);
	return cycles;
}
