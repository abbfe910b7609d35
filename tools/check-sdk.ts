/**
 * `npm run check:sdk`: what only the Moddable SDK can show. With `MODDABLE`, the whole firmware is built for Linux, all of it
 * preloaded, and run headless against mosquitto; with `IDF_PATH` too, it is linked for the ESP32 and its C file is read with
 * ESP-IDF's headers. Says what it skipped. With a folder (`npm run check:sdk -- FOLDER`) the builds stay there for the next time. Builds nothing of the SDK, which must be installed, and touches none of its files.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildHost, buildLin, checkSyntax, findModdable, linkEsp32, type Workshop } from "./sdk/build.js";
import { createCertificates, findPort, stopAll } from "./sdk/rig.js";
import { key, runOutages, runSteady } from "./sdk/scenarios.js";
import { runAttacks, runTls } from "./sdk/tls.js";

function say(line: string): void {
	process.stdout.write(`${line}\n`);
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
	const { library, duration } = buildLin(workshop, { ...basis, ...servers, broker: `mqtt://127.0.0.1:${port}` });
	say(`lin: built in ${duration.toFixed(0)} s`);
	const stage = { folder, host, library, port, telegramPort, webPort };
	for (const line of await runSteady(stage)) say(`lin: ${line}`);
	for (const line of await runOutages(stage, await findPort())) say(`lin: ${line}`);
	for (const line of await runTls(stage, certificates)) say(`lin, TLS: ${line}`);
	for (const line of await runAttacks(stage)) say(`lin, TLS: ${line}`);
}

function checkEsp32(workshop: Workshop): boolean {
	const link = linkEsp32(workshop);
	for (const line of link.warnings) say(`esp32: ${line}`);
	say(
		`esp32: mc.xs.c and mc.resources.c linked; ${link.warnings.length} warnings about our modules, ${link.packageWarnings} about aes-js; ` +
			`${link.aliases} aliases; ${link.flash === null ? "not measured without a compiler" : `${link.flash} bytes of flash`}`,
	);
	const syntax = checkSyntax(workshop, link.folder);
	if (syntax === null) {
		say("esp32: SKIPPED the syntax check of smartyUart.c: no xtensa-esp32-elf-gcc and no xtensa-lx106-elf-gcc");
		return link.warnings.length === 0;
	}
	for (const line of syntax.complaints) say(`esp32: ${line}`);
	say(`esp32: smartyUart.c read by ${syntax.compiler}: ${syntax.complaints.length} complaints`);
	return link.warnings.length === 0 && syntax.complaints.length === 0;
}

/** Whether all is well; null where nothing could be looked at. */
async function main(): Promise<boolean | null> {
	const moddable = findModdable(process.env);
	if (moddable === null) {
		say("SKIPPED everything: MODDABLE names no Moddable SDK with its Linux tools (build/bin/lin/release/mcconfig).");
		return null;
	}
	const kept = process.argv[2];
	const workshop = {
		moddable,
		folder: kept === undefined ? mkdtempSync(join(tmpdir(), "smarty-sdk-")) : resolve(kept),
	};
	mkdirSync(workshop.folder, { recursive: true });
	try {
		await checkLin(workshop);
		if (process.env.IDF_PATH !== undefined) return checkEsp32(workshop);
		say("SKIPPED the link for the ESP32 and the syntax check: IDF_PATH is not set.");
		return true;
	} finally {
		await stopAll();
		if (kept === undefined) rmSync(workshop.folder, { recursive: true, force: true });
	}
}

main().then(
	well => {
		if (well !== null) say(well ? "ok" : "NOT well");
		process.exitCode = well === false ? 1 : 0;
	},
	error => {
		say(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
		process.exitCode = 1;
	},
);
