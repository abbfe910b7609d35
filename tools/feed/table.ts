/** The table that `npm run feed -- --moments` ends with. */

import type { MemoryRow } from "./moments.js";

/** Markdown, in bytes. */
export function formatTable(rows: readonly MemoryRow[]): string {
	const head = ["moment", "free", "least free", "largest block", "stack left", "failed allocations"];
	const body = rows.map(({ name, memory }) => {
		if (memory === null) return [name, "not told", "", "", "", ""];
		const { free, least, largestBlock, stackLeft, failures } = memory;
		return [name, ...[free, least, largestBlock, stackLeft, failures].map(String)];
	});
	const lines = [head, head.map(() => "---"), ...body].map(cells => `| ${cells.join(" | ")} |`);
	return lines.join("\n");
}
