/** The program behind `npm run bench`. */

import { readFileSync, writeFileSync } from "node:fs";
import { describeFailure } from "../simulator/xs/program.js";
import { type Budget, compareBudget, listCounts, updateBudget } from "./bench/budget.js";
import { measureAll } from "./bench/measure.js";
import { formatReport } from "./bench/report.js";

/**
 * `npm run --silent bench`: measures and prints tables. `-- --json` prints one JSON object instead. `-- --accept WHY` also writes
 * the counts to budget.json, with the reason for those that moved by more than 2 %, and the tables to docs/performance.md.
 * Exit 1 when a count is outside its budget, 2 for arguments that mean nothing.
 */
async function main(words: string[]): Promise<number> {
	const json = words[0] === "--json";
	const why = words[0] === "--accept" ? (words[1] ?? "").trim() : null;
	if (words.length > (why === null ? (json ? 1 : 0) : 2) || why === "") {
		console.error("bench: use it alone, with --json, or with --accept and a reason in quotes");
		return 2;
	}
	const bench = await measureAll(what => console.error(`bench: ${what}`));
	console.log(json ? JSON.stringify(bench) : formatReport(bench));
	const counts = listCounts(bench);
	const budgetFile = new URL("../budget.json", import.meta.url);
	const budget: Budget = JSON.parse(readFileSync(budgetFile, "utf8"));
	if (why !== null) {
		writeFileSync(budgetFile, `${JSON.stringify(updateBudget(counts, budget, why), null, "\t")}\n`);
		writePerformance(formatReport(bench), bench.versions);
		return 0;
	}
	const complaints = compareBudget(counts, budget);
	for (const complaint of complaints) console.error(`bench: ${complaint}`);
	if (complaints.length > 0) console.error("bench: if that is meant, run it again with --accept and the reason");
	return complaints.length > 0 ? 1 : 0;
}

/** The text above the tables is written by hand, up to a mark; everything below is replaced. */
function writePerformance(report: string, versions: Record<string, string>): void {
	const file = new URL("../docs/performance.md", import.meta.url);
	const mark = "<!-- below: written by `npm run bench -- --accept` -->";
	const text = readFileSync(file, "utf8");
	const head = text.slice(0, text.indexOf(mark) + mark.length);
	const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
	writeFileSync(file, `${head}\n\nMeasured with ${list.join(", ")}.\n\n${report}`);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
	console.error(`bench: ${describeFailure(error)}`);
	return 1;
});
