/**
 * Builds the web pages, the reader's and the recorder's: each is one file of HTML with its style and script, packed by gzip, in its folder.
 * `npm run page` writes them.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin, type PluginBuild } from "esbuild";
import { minify } from "terser";
import { registerSignature } from "../modules/history/sample.js";
import { registers, usualCount } from "../modules/p1/obis.js";
import { words, wordsOf } from "../page/texts.js";
import { packGzip } from "./page/pack.js";

const folder = new URL("../page/", import.meta.url);

/** The board's builds take it from the repository, so that `mcconfig` needs nothing of Node. */
export const pageFile = fileURLToPath(new URL("page.html.gz", folder));

const recorderFolder = new URL("../recorder/page/", import.meta.url);

/** The recorder has no build, either. */
export const recorderPageFile = fileURLToPath(new URL("page.html.gz", recorderFolder));

/** No module of the firmware's does anything when it is loaded: one of which nothing is used is left out. */
const onlyWhatIsUsed: Plugin = {
	name: "only what is used",
	setup({ onResolve, resolve }) {
		onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
			if (kind !== "import-statement" || pluginData === "once") return null;
			const found = await resolve(path, { kind, importer, resolveDir, pluginData: "once" });
			return { ...found, sideEffects: false };
		});
	},
};

/** Registers that the page looks for by name. */
const shownRegisters = /^active_(power|energy)_(import|export)$/;

/**
 * Of the firmware's tables only what the page needs, since tables are most of its size: of registers how they are written. The signature of all registers is a number by then. A page with another firmware's would decode nothing.
 */
const shortTables: Plugin = {
	name: "short tables",
	setup({ onLoad }) {
		const usual = registers.slice(0, usualCount).map(({ name, unit }) => ({
			...(shownRegisters.test(name) && { name }),
			unit,
		}));
		replaceModule(onLoad, "modules/p1/obis.ts", () => {
			const find = "name=>registers.findIndex(register=>register.name===name)";
			return `export const registers=${JSON.stringify(usual)},usualCount=${usualCount},registerIndex=${find}`;
		});
		// The firmware's is quick with words and tables, of which a browser has no need.
		replaceModule(onLoad, "modules/p1/crc16.ts", () => shortCrc);
		replaceModule(onLoad, "page/texts.ts", () => {
			const columns = [0, 1, 2, 3].map(at => Object.values(wordsOf(at)).join("|"));
			const find = `${JSON.stringify(Object.keys(words).join("|"))}.split("|").map((name,at)=>[name,own[at]])`;
			return `export const wordsOf=at=>{let own=${JSON.stringify(columns)}[at].split("|");return Object.fromEntries(${find})}`;
		});
		replaceModule(onLoad, "modules/history/sample.ts", text => {
			const own = /export function registerSignature\(\): number \{[\s\S]*?\n\}/;
			if (!own.test(text)) throw new Error("registerSignature is not where it was");
			return text.replace(own, `export const registerSignature = () => ${registerSignature()};`);
		});
	},
};

const shortCrc = `export function crc16(bytes, start, end) {
	let crc = 0;
	for (let at = start; at < end; at += 1) {
		crc ^= bytes[at];
		for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
	}
	return crc;
}`;

function replaceModule(onLoad: PluginBuild["onLoad"], path: string, make: (text: string) => string): void {
	onLoad({ filter: new RegExp(`${path.replace(".", "\\.")}$`) }, args => ({
		contents: make(readFileSync(args.path, "utf8")),
		loader: "ts",
	}));
}

/** Of the build: where releases lie, or nothing. */
function readReleaseUrl(): string {
	const manifest = JSON.parse(readFileSync(new URL("../manifest.json", folder), "utf8"));
	return manifest.config.releaseUrl;
}

/** Throws for what is no address of a folder. */
function checkReleaseUrl(url: string): string {
	if (url === "") return "";
	const { protocol, origin, pathname, href } = new URL(url);
	if (protocol !== "https:" || pathname.endsWith("/") || href !== origin + pathname)
		throw new Error(`releaseUrl is https://… of a folder, without a / at its end, not ${url}`);
	return url;
}

/**
 * The page as a browser gets it. Its policy lets it load nothing, and run its own script and style only, by their hashes. It asks the
 * reader, and where there is a `releaseUrl`, that one's origin.
 */
export function buildPage(releaseUrl = readReleaseUrl()): Promise<string> {
	return buildIn(folder, checkReleaseUrl(releaseUrl));
}

/** The same for the recorder's. */
export function buildRecorderPage(): Promise<string> {
	return buildIn(recorderFolder, "");
}

async function buildIn(folder: URL, url: string): Promise<string> {
	const options = {
		bundle: true,
		minify: true,
		write: false,
		legalComments: "none",
		plugins: [shortTables, onlyWhatIsUsed],
		charset: "utf8",
		// Nothing depends on whether a table of the firmware's is frozen that the page does not use.
		pure: ["Object.freeze"],
		define: { RELEASE_URL: JSON.stringify(url) },
		target: ["chrome111", "firefox113", "safari16.4"],
	} satisfies BuildOptions;
	const find = async (name: string, more: object = {}) => {
		const { outputFiles } = await build({ ...options, ...more, entryPoints: [fileURLToPath(new URL(name, folder))] });
		return outputFiles![0]!.text.trim();
	};
	const bundled = await find("main.ts", { format: "esm", tsconfigRaw: {} });
	const { code } = await minify(bundled, {
		module: true,
		ecma: 2020,
		compress: { passes: 3, pure_getters: true, hoist_funs: true, unsafe_arrows: true },
	});
	const script = code!.replace(/<\/(?=script)/gi, "<\\/");
	const style = await find("style.css");
	const policy = [
		"default-src 'none'",
		`script-src '${hash(script)}'`,
		`style-src '${hash(style)}'`,
		"img-src data:",
		`connect-src 'self'${url === "" ? "" : ` ${new URL(url).origin}`}`,
		"base-uri 'none'",
		"form-action 'none'",
	].join("; ");
	const template = readFileSync(new URL("index.html", folder), "utf8").replace(/>\s*</g, "><").trim();
	return template
		.replace("default-src 'none'", () => policy)
		.replace("</style>", () => `${style}</style>`)
		.replace("</script>", () => `${script}</script>`);
}

function hash(text: string): string {
	return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
	for (const [file, html] of [
		[pageFile, await buildPage()],
		[recorderPageFile, await buildRecorderPage()],
	] as const) {
		const packed = packGzip(Buffer.from(html));
		writeFileSync(file, packed);
		process.stdout.write(`${file}: ${packed.length} bytes\n`);
	}
}
