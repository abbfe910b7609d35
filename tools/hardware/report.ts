/** The table of figures in `hardware/README.md`. */

import type { Figure } from "./figure.js";

const begin = "<!-- figures: begin, written by npm run hardware -- --write -->";
const end = "<!-- figures: end -->";

/** One row of a Markdown table per figure. */
export function listRows(figures: readonly Figure[]): string[] {
	return figures.map(({ group, what, result, limit }) => `| ${group} | ${what} | ${result} | ${limit} |`);
}

/** The simulated figures as a Markdown table. */
export function formatFigures(figures: readonly Figure[]): string {
	return ["| part | what was simulated | result | must be |", "| --- | --- | --- | --- |", ...listRows(figures)].join(
		"\n",
	);
}

/** The table inside a page. @throws Error when the page has no place for it. */
export function readTable(page: string): string {
	const from = page.indexOf(begin);
	const to = page.indexOf(end);
	if (from < 0 || to < from) throw new Error("the page has no place for the figures");
	return page.slice(from + begin.length, to).trim();
}

export function replaceTable(page: string, table: string): string {
	readTable(page);
	return `${page.slice(0, page.indexOf(begin) + begin.length)}\n${table}\n${page.slice(page.indexOf(end))}`;
}

/**
 * The rows of two tables that differ. A number may differ by 3 % or by one in its last digit: ngspice may round
 * otherwise on another machine. Every word must be the same.
 */
export function compareTables(first: string, second: string): string[] {
	const firstRows = tighten(first).split("\n");
	const secondRows = tighten(second).split("\n");
	const rows = firstRows.length > secondRows.length ? firstRows : secondRows;
	return rows.filter((_, index) => !isSameRow(firstRows[index] ?? "", secondRows[index] ?? ""));
}

/** Without the spaces and dashes that a formatter fills columns with. */
function tighten(table: string): string {
	return table.replace(/ +/g, " ").replace(/-{3,}/g, "---");
}

function isSameRow(first: string, second: string): boolean {
	const numbers = /\d+(?:\.\d+)?/g;
	if (first.replace(numbers, "#") !== second.replace(numbers, "#")) return false;
	const others = second.match(numbers) ?? [];
	return (first.match(numbers) ?? []).every((text, index) => isSameNumber(text, others[index] ?? ""));
}

function isSameNumber(first: string, second: string): boolean {
	const step = 10 ** -(first.split(".")[1]?.length ?? 0);
	const distance = Math.abs(Number(first) - Number(second));
	return distance <= Math.max(step * 1.001, Math.abs(Number(first)) * 0.03);
}
