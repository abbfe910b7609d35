/** Builds and links the firmware with the Moddable SDK. */

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { poolsFor } from "../../modules/settings/heap.js";
import { checkSettings, readConfiguration } from "../../modules/settings/settings.js";
import { compileConfig } from "../compile.js";
import { readJson, root } from "./modules.js";

/** Where the SDK is, and a folder of our own for everything that is made. */
export interface Workshop {
	moddable: string;
	folder: string;
}

/** Where `MODDABLE` says that the SDK is, if its Linux tools are built; else null. */
export function findModdable(env: NodeJS.ProcessEnv): string | null {
	const moddable = env.MODDABLE;
	if (moddable === undefined || !existsSync(join(moddable, "build/bin/lin/release/mcconfig"))) return null;
	return moddable;
}

export interface LinImage {
	/** The program as a library, for the headless host. */
	library: string;
	/** The folder of the build. */
	folder: string;
	/** Seconds. */
	duration: number;
}

export interface Esp32Link {
	/** Lines of the linker about modules of ours. */
	warnings: string[];
	/** Lines about aes-js, which is npm's. */
	packageWarnings: number;
	/** `mc.xs.c` compiled for 32 bits, bytes of text and data; null without a compiler. */
	flash: number | null;
	/** What may be written at run time: 4 bytes of RAM each. */
	aliases: number;
	/** Objects and elements of arrays, each 16 bytes of that flash. */
	slots: number;
	/** The folder of the build. */
	folder: string;
}

/** `mcconfig` and `tsc` first. The SDK's own folder is never written to. */
function environment({ moddable }: Workshop, ...paths: string[]): NodeJS.ProcessEnv {
	const folders = [...paths, join(moddable, "build/bin/lin/release"), join(root, "tools/bin")];
	return { ...process.env, MODDABLE: moddable, PATH: [...folders, process.env.PATH].join(delimiter) };
}

function run(command: string, options: readonly string[], env: NodeJS.ProcessEnv, cwd = root): string {
	const { status, stdout, stderr, error } = spawnSync(command, options, { env, cwd, encoding: "utf8", maxBuffer: 1e9 });
	if (status !== 0) {
		const output = `${stdout ?? ""}${stderr ?? ""}`.split("\n").slice(-20).join("\n");
		throw new Error(`${command} ${options.slice(0, 4).join(" ")} failed: ${error?.message ?? ""}\n${output}`);
	}
	return stdout + stderr;
}

/**
 * The whole firmware for Linux, with the board's memory to begin with; `config` as on mcconfig's command line. Its store and
 * its certificates are in our folder.
 */
export async function buildLin(workshop: Workshop, config: Readonly<Record<string, string>>): Promise<LinImage> {
	const started = Date.now();
	const output = join(workshop.folder, "lin");
	for (const name of ["lin", "manifest", "certificates", "store"])
		mkdirSync(join(workshop.folder, name), { recursive: true });
	writeFileSync(
		join(workshop.folder, "manifest/manifest.json"),
		JSON.stringify({
			build: { NAME: "smarty_xs" },
			include: [join(root, "manifest.json")],
			creation: createPools(config),
			modules: {
				"~": "$(MODULES)/files/preference/lin/preference",
				preference: join(root, "tools/sdk/preference"),
			},
			data: { "*": join(workshop.folder, "certificates/*") },
			config: { file: { root: `${join(workshop.folder, "store")}/` }, ...config },
		}),
	);
	const manifest = join(workshop.folder, "manifest/manifest.json");
	const env = environment(workshop);
	run("mcconfig", ["-p", "lin", "-o", output, manifest], env);
	const folder = join(output, "tmp/lin/mc/release/smarty_xs");
	await compileAll(folder);
	run("make", ["-f", `${folder}/makefile`, "build"], env);
	return {
		library: join(output, "bin/lin/mc/release/smarty_xs/mc.so"),
		folder,
		duration: (Date.now() - started) / 1000,
	};
}

/**
 * Pools for a session over TLS besides the settings, as `modules/settings/heap.ts` has them, in the board's manner: they do not grow.
 * Chunks hold pointers, which are twice as large here.
 */
function createPools(config: Readonly<Record<string, string>>): object {
	const { creation } = readJson<{ creation: object }>("targets/lolin_d32/manifest.json");
	const { integrations } = checkSettings(readConfiguration(config), "wifi", null).settings;
	const { slots, chunks } = poolsFor(integrations, true, 1);
	const pools = { chunk: { initial: 2 * chunks, incremental: 0 }, heap: { initial: slots, incremental: 0 } };
	return { ...creation, ...pools };
}

/** All modules of ours in one process; make then finds them done. */
async function compileAll(folder: string): Promise<void> {
	const names = readdirSync(join(folder, "modules"), { recursive: true, encoding: "utf8" });
	for (const name of names) if (name.endsWith("-tsconfig.json")) await compileConfig(join(folder, "modules", name));
}

/** The program that runs such an image without a window. */
export function buildHost(workshop: Workshop): string {
	const host = join(workshop.folder, "host");
	const libraries = execFileSync("pkg-config", ["--cflags", "--libs", "glib-2.0"], { encoding: "utf8" })
		.trim()
		.split(/\s+/);
	const screen = `-I${join(workshop.moddable, "build/simulators/modules")}`;
	const source = join(root, "tools/sdk/host.c");
	run("cc", ["-O1", "-DmxLinux=1", screen, source, "-o", host, ...libraries, "-ldl"], process.env);
	return host;
}

/** All of the build for a board that needs no ESP-IDF tools: TypeScript, XS, and the link into `mc.xs.c`. `target` is a folder of `targets/`. */
export async function linkEsp32(workshop: Workshop, target = "lolin_d32"): Promise<Esp32Link> {
	const output = join(workshop.folder, target);
	// Anew each time: the linker would keep names that are gone.
	rmSync(output, { recursive: true, force: true });
	mkdirSync(output, { recursive: true });
	// tools/sdk/idf.py stands in for ESP-IDF's.
	const env = environment(workshop, join(root, "tools/sdk"));
	run("mcconfig", ["-p", `esp32:targets/${target}`, "-o", output], env);
	// A name that the SDK has for a target of its own would bring its modules.
	const { build } = readJson<{ build: { SUBPLATFORM?: string } }>(`targets/${target}/manifest.json`);
	const folder = join(output, `tmp/esp32/${build.SUBPLATFORM ?? target}/release/smarty_xs`);
	await compileAll(folder);
	run("make", ["-f", `${folder}/makefile`, `${folder}/xsProj-esp32/build/config/sdkconfig.h`], env);
	const log = run("make", ["-f", `${folder}/makefile`, `${folder}/mc.xs.c`, `${folder}/mc.resources.c`], env);
	const warnings = log.split("\n").filter(line => line.includes("warning"));
	const source = readFileSync(`${folder}/mc.xs.c`, "utf8");
	return {
		warnings: warnings.filter(line => isOurs(line)),
		packageWarnings: warnings.filter(line => line.startsWith("### warning: aes-js")).length,
		flash: measure(workshop, folder),
		aliases: Number(/mxAliasCount (\d+)/.exec(source)![1]),
		slots: Number(/mxHeapCount (\d+)/.exec(source)![1]),
		folder,
	};
}

/** The linker names the module; a compiler names the file. */
export function isOurs(line: string): boolean {
	const linked = /^### warning: ([^:]+):/.exec(line);
	// A way that leads into a class of the SDK, or into npm's aes-js, ends at something that is not ours.
	if (linked !== null && /\b(DNSSD|MQTTClient|Preference|Resolver|Session|aes)\b/.test(line)) return false;
	// Of a generator, whose prototype nobody writes to: 4 bytes of RAM.
	if (line.endsWith(".prototype: not frozen")) return false;
	if (linked !== null) return /^(main|modules\/.+|device\/.+|globalThis.*)$/.test(linked[1]!);
	return (
		line.includes(`${root.slice(1)}modules`) || line.includes(`${root.slice(1)}main`) || line.startsWith("# warning")
	);
}

/** Any compiler for 32-bit Xtensa makes objects of the same size; null when there is none. */
function findCompiler(): string | null {
	return (
		["xtensa-esp32-elf-gcc", "xtensa-lx106-elf-gcc"].find(name => spawnSync(name, ["--version"]).status === 0) ?? null
	);
}

/** What the makefile would hand to the compiler for the UART's C file, without what optimizes. */
function readFlags(workshop: Workshop, folder: string): string[] {
	const env = environment(workshop, join(root, "tools/sdk"));
	const plan = run("make", ["-n", "-f", `${folder}/makefile`, `${folder}/smartyUart.c.o`], env);
	const line = plan.split("\n").find(text => /^\S*gcc /.test(text) && text.includes("smartyUart.c "));
	if (line === undefined) throw new Error("the makefile has no rule for smartyUart.c");
	const words = line.replaceAll("-D BOOT", "-DBOOT").split(/\s+/);
	return words.filter(word => /^-[IDU]./.test(word) && !word.endsWith("/build/config"));
}

/** The headers' own settings, as our sdkconfig has them, over the defaults. */
function writeSettings(workshop: Workshop, folder: string): string {
	const settings = join(workshop.folder, "settings");
	mkdirSync(settings, { recursive: true });
	const own = readFileSync(`${folder}/xsProj-esp32/build/config/sdkconfig.h`, "utf8").split("\n");
	const lines = own.filter(line => !line.includes("CONFIG_LIBC_NEWLIB"));
	writeFileSync(
		join(settings, "sdkconfig.h"),
		`${lines.join("\n")}\n${readFileSync(join(root, "tools/sdk/defaults.h"), "utf8")}`,
	);
	return settings;
}

/** The C files that the board's image has besides XS and ESP-IDF, out of its makefile. */
function listAllSources(folder: string): string[] {
	const rules = readFileSync(`${folder}/makefile`, "utf8").matchAll(/^\$\(TMP_DIR\)\/[\w-]+\.c\.o: (\S+)/gm);
	return Array.from(rules, ([, path]) => path!).filter(path => existsSync(path));
}

/** Those of ours. */
function listSources(folder: string): string[] {
	const own = join(root, "modules/");
	return listAllSources(folder).filter(path => path.startsWith(own));
}

/** Which C files of an image call WiFi's driver: each brings most of its libraries along. */
export function findWifiCalls(folder: string): string[] {
	const calls = /\besp_(wifi|supplicant)_\w+\s*\(/;
	return listAllSources(folder).filter(path => calls.test(readFileSync(path, "utf8")));
}

/** A clone of ESP-IDF without submodules has none. */
function hasLwip(flags: readonly string[]): boolean {
	return flags.some(flag => flag.startsWith("-I") && existsSync(join(flag.slice(2), "lwip/priv/tcp_priv.h")));
}

/** What our C asks of lwIP, in its place. */
function writeLwip(settings: string): void {
	mkdirSync(join(settings, "lwip/priv"), { recursive: true });
	for (const name of ["tcp_priv.h", "tcpip_priv.h"])
		copyFileSync(join(root, "tools/sdk/lwip.h"), join(settings, "lwip/priv", name));
}

interface Syntax {
	compiler: string;
	files: string[];
	complaints: string[];
}

/** Lines of the compiler about our C files, read with ESP-IDF's headers; null when there is no compiler. */
export function checkSyntax(workshop: Workshop, folder: string): Syntax | null {
	const compiler = findCompiler();
	if (compiler === null) return null;
	const strict = ["-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror=implicit-function-declaration"];
	const settings = writeSettings(workshop, folder);
	const given = readFlags(workshop, folder);
	if (!hasLwip(given)) writeLwip(settings);
	const flags = [`-I${settings}`, ...given, ...strict];
	const sources = listSources(folder);
	const complaints = sources.flatMap(file => {
		const { status, stderr } = spawnSync(compiler, [...flags, ...findLibrary(compiler), file], { encoding: "utf8" });
		const lines = stderr.split("\n");
		const found = lines.filter(line => /error:/.test(line) || (line.startsWith(file) && line.includes("warning")));
		return status !== 0 && found.length === 0 ? [stderr.slice(0, 500)] : found;
	});
	return { compiler, files: sources.map(source => basename(source)), complaints };
}

/** Debian's compiler brings no C library of its own; picolibc is a package beside it. */
function findLibrary(compiler: string): string[] {
	return compiler.includes("lx106") ? ["-isystem", "/usr/lib/xtensa-lx106-elf/include"] : [];
}

/** Bytes of flash that the linked program takes, ours and the SDK's modules: text, constants and data of `mc.xs.c`. */
function measure(workshop: Workshop, folder: string): number | null {
	const compiler = findCompiler();
	if (compiler === null) return null;
	const object = join(workshop.folder, "mc.xs.o");
	const settings = writeSettings(workshop, folder);
	// The file includes them and uses nothing of them; a clone of ESP-IDF without submodules has no lwIP.
	mkdirSync(join(settings, "lwip"), { recursive: true });
	for (const name of ["netdb.h", "inet.h"]) writeFileSync(join(settings, "lwip", name), "");
	const flags = [`-I${settings}`, ...readFlags(workshop, folder), "-std=gnu17", "-c", "-Os", "-w", "-mlongcalls"];
	run(compiler, [...flags, ...findLibrary(compiler), `${folder}/mc.xs.c`, "-o", object], process.env);
	const [text, data] = run(compiler.replace(/gcc$/, "size"), [object], process.env).split("\n")[1]!.trim().split(/\s+/);
	return Number(text) + Number(data);
}
