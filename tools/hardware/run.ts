/** `npm run hardware`: checks the adapter. `npm run hardware -- --write` first writes the derived files anew. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createBill } from "./bill.js";
import { createBoards, readTargetPins } from "./boards.js";
import { createCable } from "./cable.js";
import { computeFigures } from "./figures.js";
import { createFingerprints, fingerprints } from "./fingerprints.js";
import { checkElectricalRules, drawnBy, exportFiles, findKicad } from "./kicad.js";
import { parseNetlist } from "./netlist.js";
import { compareTables, formatFigures, readTable, replaceTable } from "./report.js";
import { checkRules, ruleNames } from "./rules.js";
import { createWiring } from "./wiring.js";

const unknown = process.argv.slice(2).filter(word => word !== "--write");
if (unknown.length > 0) {
	process.stderr.write("usage: npm run hardware [-- --write]\n");
	process.exit(2);
}

const root = new URL("../../", import.meta.url);
const hardware = new URL("hardware/", root);
const write = process.argv.includes("--write");
const failures: string[] = [];

function report(line: string): void {
	process.stdout.write(`${line}\n`);
}

function fail(line: string): void {
	failures.push(line);
	report(`FAIL  ${line}`);
}

/** Compares a derived file with the committed one, or writes it. */
function settleFile(name: string, bytes: Buffer): boolean {
	const path = new URL(name, hardware);
	if (write) writeFileSync(path, bytes);
	const same = existsSync(path) && readFileSync(path).equals(bytes);
	if (!same) fail(`hardware/${name} is not what the drawing gives: run npm run hardware -- --write`);
	return same;
}

function runKicad(): void {
	const version = findKicad();
	if (version === null) {
		report("not run: kicad-cli is not installed, so no electrical rules check and no comparison with the drawing");
		return;
	}
	const schematic = fileURLToPath(new URL("p1-adapter.kicad_sch", hardware));
	const complaints = checkElectricalRules(schematic);
	if (complaints !== "") fail(`the electrical rules check of KiCad ${version} complains:\n${complaints}`);
	else report(`ok    KiCad ${version}: electrical rules check, no error and no warning`);
	const files = exportFiles(schematic).filter(file => !file.picture || version === drawnBy);
	const same = files.filter(file => settleFile(file.name, file.bytes)).length;
	report(`ok    KiCad ${version}: ${same} of ${files.length} derived files are what the drawing gives`);
	if (write) writeFileSync(new URL(fingerprints, hardware), createFingerprints(hardware));
	if (version !== drawnBy) report(`not run: pictures were not compared, KiCad ${drawnBy} drew them`);
}

/** Simulates, holds every figure against its limit and the table in the README against the figures. */
async function settleFigures(): Promise<void> {
	const started = Date.now();
	const figures = await computeFigures(netlist, boards);
	for (const figure of figures.filter(item => !item.passed)) {
		fail(`${figure.group}, ${figure.what}: ${figure.result}; must be: ${figure.limit}`);
	}
	const seconds = ((Date.now() - started) / 1000).toFixed(0);
	report(`ok    ${figures.filter(item => item.passed).length} of ${figures.length} simulated figures, ${seconds} s`);
	const readme = new URL("README.md", hardware);
	const page = readFileSync(readme, "utf8");
	const table = formatFigures(figures);
	if (write && compareTables(readTable(page), table).length > 0) writeFileSync(readme, replaceTable(page, table));
	const different = compareTables(readTable(readFileSync(readme, "utf8")), table);
	for (const row of different) fail(`hardware/README.md says otherwise: ${row}`);
}

runKicad();
const netlist = parseNetlist(readFileSync(new URL("p1-adapter.net", hardware), "utf8"));
const boards = createBoards(readTargetPins(new URL("targets/lolin_d32/manifest.json", root)));
const complaints = checkRules(netlist, boards);
for (const complaint of complaints) fail(`${complaint.rule} (${complaint.board}): ${complaint.text}`);
if (complaints.length === 0)
	report(`ok    ${ruleNames.length} rules on ${boards.length} boards, ${netlist.parts.size} parts`);
settleFile("bom.csv", Buffer.from(createBill(netlist)));
settleFile("wiring.svg", Buffer.from(createWiring(netlist)));
if (readFileSync(new URL(fingerprints, hardware), "utf8") !== createFingerprints(hardware)) {
	fail("a sheet was changed after the files were derived: run npm run hardware -- --write where KiCad is installed");
}
settleFile("cable.svg", Buffer.from(createCable(netlist)));
await settleFigures();
report(failures.length === 0 ? "hardware: all checks passed" : `hardware: failed checks: ${failures.length}`);
process.exitCode = failures.length === 0 ? 0 : 1;
