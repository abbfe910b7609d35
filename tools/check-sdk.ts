/**
 * `npm run check:sdk`: what only the Moddable SDK can show. With `MODDABLE`, the whole firmware is built for Linux, all of it
 * preloaded, and run headless against mosquitto; with `IDF_PATH` too, it is linked for the ESP32 and its C files are read with
 * ESP-IDF's headers. What `types/moddable.d.ts` declares is compared with the modules that the builds are made of. Says what it
 * skipped. With a folder (`npm run check:sdk -- FOLDER`) the builds stay there for the next time; `--only esp32` or `--only lin`
 * does a half. Builds nothing of the SDK, which must be installed, and touches none of its files.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkAnnouncer } from "./sdk/announcer-check.js";
import {
	buildHost,
	buildLin,
	checkSyntax,
	type Esp32Link,
	findModdable,
	findWifiCalls,
	linkEsp32,
	type Workshop,
} from "./sdk/build.js";
import { readDeclarations } from "./sdk/declarations.js";
import { compareExports, type ModuleFiles, readModuleFiles } from "./sdk/exports.js";
import { clearStore } from "./sdk/firmware-store.js";
import { estimateImage, mostShare, mostShareWithRadio } from "./sdk/image.js";
import { readJson, root } from "./sdk/modules.js";
import { createCertificates, findPort, stopAll } from "./sdk/rig.js";
import { key, runOutages, runSteady } from "./sdk/scenarios.js";
import { runAttacks, runTls } from "./sdk/tls.js";
import { findUnused } from "./sdk/unused.js";

const declarations = "types/moddable.d.ts";
/** Modules that the board's image does without. */
const linuxOnly: readonly string[] = ["embedded:io/serial", "file"];
/** Modules of ours under a name of the SDK's: the compiler compares these. */
const replaced: readonly string[] = ["ecdsa"];
const complaints: string[] = [];

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

/** The check fails for each of these. */
function complain(lines: readonly string[]): void {
	complaints.push(...lines);
	for (const line of lines) say(line);
}

/** What is declared of the modules that a build has, compared with them. */
function checkExports(folder: string, platform: "esp32" | "lin"): ModuleFiles {
	const files = readModuleFiles(readFileSync(join(folder, "makefile"), "utf8"));
	const declared = readDeclarations(readFileSync(join(root, declarations), "utf8"));
	const there = declared.filter(({ name }) => files.has(name));
	const isBoard = platform === "esp32";
	const found = compareExports(declared, files, isBoard).map(line => `${platform}: ${declarations}: ${line}`);
	// Linux has some that the board has not: those are compared in its build.
	const absent = declared.filter(
		({ name }) => isBoard && !files.has(name) && ![...linuxOnly, ...replaced].includes(name),
	);
	found.push(...absent.map(({ name }) => `${platform}: ${declarations}: no module ${name}`));
	complain(found);
	say(`${platform}: ${there.length} modules compared with ${declarations}: ${found.length} complaints`);
	return files;
}

async function checkLin(workshop: Workshop): Promise<void> {
	const { folder } = workshop;
	const host = buildHost(workshop);
	const port = await findPort();
	const [telegramPort, webPort] = [await findPort(), await findPort()];
	const servers = { telegramPort: String(telegramPort), webPort: String(webPort) };
	const basis = { wifi: "check", wifiPassword: "not needed here", key, p1Device: join(folder, "p1") };
	const certificates = createCertificates(join(folder, "trusted"), "localhost");
	mkdirSync(join(folder, "certificates"), { recursive: true });
	copyFileSync(certificates.authority, join(folder, "certificates/authority.der"));
	const plain = await buildLin(workshop, { ...basis, ...servers, broker: `mqtt://127.0.0.1:${port}` });
	say(`lin: built in ${plain.duration.toFixed(0)} s`);
	checkExports(plain.folder, "lin");
	const stage = { folder, host, library: plain.library, port, telegramPort, webPort };
	clearStore(stage);
	for (const line of await runSteady(stage)) say(`lin: ${line}`);
	clearStore(stage);
	for (const line of await runOutages(stage, await findPort())) say(`lin: ${line}`);
	for (const line of await runTls(stage, certificates)) say(`lin, TLS: ${line}`);
	for (const line of await runAttacks(stage)) say(`lin, TLS: ${line}`);
}

function checkImage(flash: number, target: string, most: number): void {
	const { image, slot, share, left } = estimateImage(flash, target, most);
	const text = `the image is estimated at ${image} of ${slot} bytes, ${(100 * share).toFixed(1)} % of its slot`;
	if (left < 0) complain([`${target}: ${text}: ${-left} bytes too many for ${100 * most} %`]);
	else say(`${target}: ${text}; ${left} bytes are left up to ${100 * most} %`);
}

/** The board that most have is looked at whole, of the others what is different. */
async function checkEsp32(workshop: Workshop): Promise<void> {
	const first = "lolin_d32";
	const link = await linkTarget(workshop, first);
	complain(findUnused(link.folder).map(name => `${first}: nothing imports ${name}, which manifest.json can leave out`));
	const announcer = await checkAnnouncer(checkExports(link.folder, "esp32"));
	complain(announcer.map(line => `esp32: announcer: ${line}`));
	say(`esp32: the announcer over the SDK's DNS-SD, in Node: ${announcer.length} complaints`);
	for (const target of readdirSync(join(root, "targets"))) if (target !== first) await linkTarget(workshop, target);
}

async function linkTarget(workshop: Workshop, target: string): Promise<Esp32Link> {
	const link = await linkEsp32(workshop, target);
	complain(link.warnings.map(line => `${target}: ${line}`));
	say(
		`${target}: mc.xs.c and mc.resources.c linked; ${link.warnings.length} warnings about our modules, ${link.packageWarnings} about aes-js; ` +
			`${link.aliases} aliases; ${link.flash === null ? "not measured without a compiler" : `${link.flash} bytes of flash`}`,
	);
	const { modules } = readJson<{ modules?: Record<string, unknown> }>(`targets/${target}/manifest.json`);
	const callers = findWifiCalls(link.folder).map(path => basename(path));
	const hasWifi = !String(modules?.["device/network"] ?? "").includes("ethernet");
	if (hasWifi && callers.length === 0) complain([`${target}: no C file calls WiFi's driver`]);
	if (!hasWifi) complain(callers.map(name => `${target}: ${name} calls WiFi's driver, which would be linked`));
	say(`${target}: ${callers.length} C files call WiFi's driver`);
	// The rest of the image is the LOLIN D32's, with WiFi in it. With Ethernet it is another.
	const { config } = readJson<{ config: { radio?: string } }>(`targets/${target}/manifest.json`);
	const hasRadio = config.radio !== undefined;
	if (link.flash !== null && (hasRadio || target === "lolin_d32"))
		checkImage(link.flash, target, hasRadio ? mostShareWithRadio : mostShare);
	const syntax = checkSyntax(workshop, link.folder);
	if (syntax === null) {
		say(`${target}: SKIPPED the syntax check of the C files: no xtensa-esp32-elf-gcc and no xtensa-lx106-elf-gcc`);
		return link;
	}
	complain(syntax.complaints.map(line => `${target}: ${line}`));
	say(`${target}: ${syntax.files.join(", ")} read by ${syntax.compiler}: ${syntax.complaints.length} complaints`);
	return link;
}

/** Whether anything could be looked at. */
async function main(): Promise<boolean> {
	const { values, positionals } = parseArgs({ options: { only: { type: "string" } }, allowPositionals: true });
	const moddable = findModdable(process.env);
	if (moddable === null) {
		say("SKIPPED everything: MODDABLE names no Moddable SDK with its Linux tools (build/bin/lin/release/mcconfig).");
		return false;
	}
	const kept = positionals[0];
	const folder = kept === undefined ? mkdtempSync(join(tmpdir(), "smarty-sdk-")) : resolve(kept);
	const workshop = { moddable, folder };
	mkdirSync(folder, { recursive: true });
	try {
		if (values.only !== "esp32") await checkLin(workshop);
		if (values.only === "lin") return true;
		if (process.env.IDF_PATH !== undefined) await checkEsp32(workshop);
		else say("SKIPPED the link for the ESP32 and the syntax check: IDF_PATH is not set.");
		return true;
	} finally {
		await stopAll();
		if (kept === undefined) rmSync(folder, { recursive: true, force: true });
	}
}

main().then(
	looked => {
		if (looked) say(complaints.length === 0 ? "ok" : "NOT well");
		process.exitCode = complaints.length === 0 ? 0 : 1;
	},
	error => {
		say(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
		process.exitCode = 1;
	},
);
