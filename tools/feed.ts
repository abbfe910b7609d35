/** The program behind `npm run feed`. */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseKey, validateKey } from "../modules/settings/key.js";
import { openBoard } from "./feed/board.js";
import { feedBoard, moments } from "./feed/moments.js";
import { createSupply } from "./feed/supply.js";
import { formatTable } from "./feed/table.js";

const usage = `usage: npm run --silent feed -- --line PORT [--console PORT] [--key-file FILE] [--moments | --count N] [--period SECONDS]
The key may also be in SMARTY_KEY; without one the telegrams are in clear.`;

interface Order {
	line: string;
	console: string | null;
	key: Uint8Array | null;
	/** Null for the moments. */
	count: number | null;
	/** Milliseconds from one telegram to the next. */
	period: number;
}

/**
 * `npm run --silent feed -- --line PORT --console PORT --moments`: sends a generated meter's telegrams to the serial port PORT as a meter
 * does, and prints what a board or an emulator says on its console. With `--moments` in the steps of `tools/feed/moments.ts`,
 * after each of which it asks for the memory; at the end comes the table of them. Exit 2 for arguments that cannot be used.
 */
async function main(words: string[]): Promise<number> {
	const order = readWords(words);
	if (typeof order === "string") {
		console.error(order);
		return 2;
	}
	const started = Date.now();
	const say = (text: string) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(8)} ${text}`);
	const board = await openBoard(order.line, order.console, line => say(`> ${line}`));
	try {
		const supply = createSupply(order.key, Date.now());
		const steps = order.count === null ? moments : [{ name: `${order.count} telegrams`, count: order.count }];
		const rows = await feedBoard(board, supply, steps, order.period, say);
		if (order.console !== null) console.log(`\n${formatTable(rows)}`);
	} finally {
		await board.close();
	}
	return 0;
}

/** What is asked for, or what is wrong with it. The key is never repeated. */
function readWords(words: string[]): Order | string {
	let values: Record<string, string | boolean | undefined>;
	try {
		({ values } = parseArgs({
			args: words,
			options: {
				line: { type: "string" },
				console: { type: "string" },
				"key-file": { type: "string" },
				moments: { type: "boolean" },
				count: { type: "string" },
				period: { type: "string" },
			},
		}));
	} catch {
		return usage;
	}
	const { line, count, period } = values;
	if (typeof line !== "string" || (values.moments && count !== undefined)) return usage;
	const seconds = Number(period ?? "10");
	const number = Number(count ?? "10");
	if (!(seconds >= 0 && seconds <= 3_600)) return `feed: a period is a number of seconds up to 3600\n${usage}`;
	if (!Number.isInteger(number) || number < 1) return `feed: a count is a whole number from 1\n${usage}`;
	const key = readKey(values["key-file"] as string | undefined);
	if (typeof key === "string") return key;
	const wanted = typeof values.console === "string" ? values.console : null;
	return { line, console: wanted, key, count: values.moments ? null : number, period: seconds * 1_000 };
}

function readKey(file: string | undefined): Uint8Array | null | string {
	let text = process.env.SMARTY_KEY;
	try {
		if (file !== undefined) text = readFileSync(file, "utf8");
	} catch {
		return `feed: ${file} cannot be read`;
	}
	if (text === undefined) return null;
	const complaint = validateKey("key", text.trim());
	return complaint === null ? parseKey(text.trim()) : `feed: ${complaint}`;
}

process.exitCode = await main(process.argv.slice(2));
