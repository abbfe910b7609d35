/** The bill of materials. */

import type { Netlist, Part } from "./netlist.js";

const columns = ["Sheet", "References", "Quantity", "Value", "Rating", "Part", "Fit", "Reichelt", "Mouser", "Note"];

const sheetNames: Readonly<Record<string, string>> = {
	"/": "One meter",
	"/LED reader/": "LED reader",
	"/Three meters/": "Three meters",
	"/Six meters/": "Six meters",
};

const descriptions: Readonly<Record<string, string>> = {
	R: "Resistor",
	C: "Ceramic capacitor",
	C_Polarized: "Electrolytic or polymer capacitor",
	D_Schottky: "Schottky diode",
	D_Suppressor: "Suppressor diode, unidirectional",
	D_Protection: "ESD protection diode, bidirectional",
	Q_NPN: "NPN transistor",
	Q_PNP: "PNP transistor",
	Q_Photo: "Phototransistor",
	Jumper_2: "2-pin header with jumper",
	Jumper_3: "3-pin header with jumper",
	P1_Jack: "RJ12 jack 6P6C",
	LOLIN_D32: "LOLIN D32 board",
};

function formatCell(text: string): string {
	return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function compareReferences(first: string, second: string): number {
	return first.localeCompare(second, "en", { numeric: true });
}

/** The bill of materials as CSV: one line per sheet, value, rating and "fit or not". */
export function createBill(netlist: Netlist): string {
	const groups = new Map<string, Part[]>();
	for (const part of netlist.parts.values()) {
		const key = [part.sheet, part.symbol, part.value, part.fields.get("Rating") ?? "", part.fields.get("Variant")].join(
			"|",
		);
		groups.set(key, [...(groups.get(key) ?? []), part]);
	}
	const order = Object.keys(sheetNames);
	const rows = [...groups.values()]
		.map(parts => parts.sort((first, second) => compareReferences(first.reference, second.reference)))
		.sort(([first], [second]) => {
			if (first === undefined || second === undefined) return 0;
			const bySheet = order.indexOf(first.sheet) - order.indexOf(second.sheet);
			const byFit = Number(second.fitted) - Number(first.fitted);
			return bySheet || byFit || compareReferences(first.reference, second.reference);
		})
		.map(formatRow);
	return `${columns.join(",")}\n${rows.join("\n")}\n`;
}

function formatRow(parts: readonly Part[]): string {
	const [first] = parts;
	if (first === undefined) return "";
	const read = (field: string) => parts.map(part => part.fields.get(field) ?? "").find(text => text !== "") ?? "";
	const notes = [...new Set(parts.map(part => part.fields.get("Note") ?? ""))].filter(text => text !== "");
	return [
		sheetNames[first.sheet] ?? first.sheet,
		parts.map(part => part.reference).join(" "),
		String(parts.length),
		first.value,
		read("Rating"),
		descriptions[first.symbol] ?? first.symbol,
		first.fitted ? "yes" : `variant: ${read("Variant")}`,
		read("Reichelt"),
		read("Mouser"),
		notes.join("; "),
	]
		.map(formatCell)
		.join(",");
}
