/** Runs `kicad-cli`: rules check, netlist, pictures. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The KiCad that drew the committed pictures. Another version may draw the same sheet with other bytes. */
export const drawnBy = "9.0.8";

export interface KicadFile {
	/** Name inside `hardware/`. */
	readonly name: string;
	readonly bytes: Buffer;
	/** True for what only the drawing program decides; compared with the same version of KiCad only. */
	readonly picture: boolean;
}

const pictures: readonly (readonly [string, string])[] = [
	["p1-adapter.svg", "schematic.svg"],
	["p1-adapter-LED reader.svg", "led-reader.svg"],
	["p1-adapter-Three meters.svg", "three-meters.svg"],
	["p1-adapter-Six meters.svg", "six-meters.svg"],
];

/** Version of the installed `kicad-cli`, or null when there is none. */
export function findKicad(): string | null {
	const result = spawnSync("kicad-cli", ["version"], { encoding: "utf8" });
	return result.status === 0 ? result.stdout.trim() : null;
}

/** What the electrical rules check of KiCad complains about, warnings included; empty when it is clean. */
export function checkElectricalRules(schematic: string): string {
	const folder = mkdtempSync(join(tmpdir(), "smarty-xs-erc-"));
	try {
		const report = join(folder, "erc.txt");
		const options = ["sch", "erc", "--severity-all", "--exit-code-violations", "--output", report, schematic];
		const result = spawnSync("kicad-cli", options, { encoding: "utf8" });
		if (result.status === 0) return "";
		return result.status === 5 ? readFileSync(report, "utf8") : `kicad-cli failed: ${result.stderr}`;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Exports netlist, pictures and PDF, without the times, versions and paths that KiCad writes into them. */
export function exportFiles(schematic: string): KicadFile[] {
	const folder = mkdtempSync(join(tmpdir(), "smarty-xs-kicad-"));
	const run = (...options: string[]) => execFileSync("kicad-cli", ["sch", "export", ...options], { stdio: "pipe" });
	try {
		run("netlist", "--output", join(folder, "netlist"), schematic);
		run("svg", "--output", folder, schematic);
		run("pdf", "--exclude-pdf-property-popups", "--output", join(folder, "pdf"), schematic);
		return [
			{ name: "p1-adapter.net", bytes: cleanNetlist(readFileSync(join(folder, "netlist"), "utf8")), picture: false },
			...pictures.map(([from, name]) => ({
				name,
				bytes: cleanPicture(readFileSync(join(folder, from), "utf8")),
				picture: true,
			})),
			{ name: "schematic.pdf", bytes: cleanDocument(readFileSync(join(folder, "pdf"))), picture: true },
		];
	} finally {
		rmSync(folder, { recursive: true });
	}
}

function cleanNetlist(text: string): Buffer {
	const lines = text
		.split("\n")
		.filter(line => !/^ {4}\((date|tool) /.test(line))
		.map(line => line.replace(/^( {4}\(source |\s*\(uri )"[^"]*\/([^"/]+)"/, '$1"$2"'));
	return Buffer.from(lines.join("\n"));
}

function cleanPicture(text: string): Buffer {
	return Buffer.from(text.replace(/<title>.*<\/title>/, "<title>smarty-xs P1 adapter</title>"));
}

/** The date is replaced by one of the same length: the table of a PDF counts bytes. */
function cleanDocument(bytes: Buffer): Buffer {
	return Buffer.from(bytes.toString("latin1").replace(/\(D:\d{14}\)/g, "(D:20000101000000)"), "latin1");
}
