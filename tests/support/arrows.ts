import { builtinModules } from "node:module";
import { type Import, parseImports, resolveRelative, type Source } from "./imports.js";

/** What the files of one area may import. Areas are folders or files; the first that fits counts. */
interface Area {
	folder: string;
	/** Areas whose values and types may be used, apart from its own. */
	areas: readonly string[];
	/** Areas of which only types may be used. */
	types: readonly string[];
	/** Specifiers that are not relative: packages and Node's own modules; modules of the SDK and those that each platform has. */
	bare: "none" | "host" | "device" | readonly string[];
}

/** Pure halves of ports: what they decide is tested without the SDK. */
const halves = ["modules/session/inbound.ts", "modules/settings/terminal.ts"];
const pure = [
	...halves,
	"modules/p1",
	"modules/publish",
	"modules/power",
	"modules/web",
	"modules/settings",
	"modules/session",
	"modules/history",
	"modules/firmware",
];

/** The table of the design, top to bottom: an area may import what stands in its row, and nothing else. */
export const areas: readonly Area[] = [
	...halves.map(folder => ({ folder, areas: ["modules/p1"], types: [], bare: "none" as const })),
	{ folder: "modules/p1", areas: [], types: [], bare: ["aes-js"] },
	{ folder: "modules/publish", areas: ["modules/p1"], types: [], bare: "none" },
	{ folder: "modules/power", areas: ["modules/p1", "modules/publish"], types: [], bare: "none" },
	{
		folder: "modules/web",
		areas: ["modules/p1", "modules/publish", "modules/power"],
		types: ["modules/session"],
		bare: "none",
	},
	{ folder: "modules/settings", areas: ["modules/p1"], types: ["modules/publish", "modules/session"], bare: "none" },
	{ folder: "modules/session", areas: ["modules/p1", "modules/publish"], types: ["modules/settings"], bare: "none" },
	{ folder: "modules/history", areas: ["modules/p1", "modules/publish"], types: ["modules/session"], bare: "none" },
	{ folder: "modules/firmware", areas: pure, types: [], bare: "none" },
	{ folder: "modules/device/aes-js", areas: [], types: [], bare: ["aes-js/scope", "aes-js/index"] },
	{ folder: "modules/device", areas: halves, types: pure, bare: "device" },
	{ folder: "targets", areas: [], types: [], bare: "device" },
	{ folder: "main.ts", areas: [...pure, "modules/device"], types: [], bare: "none" },
	{ folder: "simulator", areas: pure, types: [], bare: "host" },
	{ folder: "tools", areas: [...pure, "simulator"], types: [], bare: "host" },
	{ folder: "tests", areas: [...pure, "simulator", "tools", "main.ts"], types: [], bare: "host" },
	{ folder: "vitest.config.ts", areas: [], types: [], bare: "host" },
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
			else if (!entry.typeOnly && entry.specifier?.startsWith("."))
				targets.push(resolve(entry.from, entry.specifier, paths)!);
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
	if (owner === area || area.areas.includes(owner.folder)) return null;
	if (!area.types.includes(owner.folder)) return `may not import ${target}`;
	return entry.typeOnly ? null : `may import only types from ${target}`;
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

/** Each cycle of modules that load each other, once, as `a → b → a`. */
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
