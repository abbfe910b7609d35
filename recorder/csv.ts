/** Readings as CSV (RFC 4180), in the units of the state message, made in pieces. */
import { registers } from "../modules/p1/obis.js";
import { clockOf, hasFallen, verdictOf } from "./flags.js";
import type { Queries } from "./queries.js";

/** Rows in one piece: between two pieces readings are taken in. */
const pieceRows = 1_000;

const units = new Map(registers.map(({ name, unit }) => [name, unit]));

/** A line of names, then a line for each reading. A register that a reading does not have is empty. */
export function* makeCsv(
	queries: Queries,
	by: "reading" | "quarter",
	{ id, name }: { id: number; name: string },
	from: number,
	to: number,
): Generator<string> {
	const columns = [...new Set(queries.listShapes(by, id, from, to).flatMap(({ names }) => names))];
	yield `${["meter", "time", "verdict", "clock", "fallen", ...columns.map(title)].map(quote).join(",")}\r\n`;
	for (let start = from; ; ) {
		const rows = queries.readPage(by, id, start, to, pieceRows);
		let text = "";
		for (const { time, shape, flags, numbers } of rows) {
			const cells = columns.map(column => {
				const at = shape.names.indexOf(column);
				return at < 0 ? "" : formatNumber(column, numbers[at]!);
			});
			const known = [quote(name), formatMoment(time), verdictOf(flags), clockOf(flags), hasFallen(flags) ? "1" : "0"];
			text += `${[...known, ...cells].join(",")}\r\n`;
		}
		if (text !== "") yield text;
		const last = rows.at(-1);
		if (last === undefined || rows.length < pieceRows) return;
		start = last.time + 1;
	}
}

function title(column: string): string {
	const unit = units.get(column);
	return unit === undefined || unit === "" || unit === "1" || unit === "time" ? column : `${column} ${unit}`;
}

function formatNumber(column: string, number: number): string {
	const unit = units.get(column);
	if (unit === "time" || column.endsWith("/time")) return formatMoment(number);
	return String(unit === "" || column.endsWith("/valve_state") ? number : number / 1000);
}

function formatMoment(seconds: number): string {
	return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** A cell that a table's program would take for a formula, or that has a comma, is in quotes. */
function quote(cell: string): string {
	return /^[A-Za-z0-9][A-Za-z0-9_. /³-]*$/.test(cell) ? cell : `"'${cell.replaceAll('"', '""')}"`;
}
