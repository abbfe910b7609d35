/** What a board is fed with, step by step, and what it says of its memory after each. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Board } from "./board.js";
import type { Supply } from "./supply.js";

export interface Step {
	name: string;
	count: number;
	/** With the five longest messages there can be: 11.5 KB each. */
	isLong?: boolean;
	/** One after the other, as a meter never sends. */
	isHurried?: boolean;
}

/** A broker that goes away, clients and other settings are brought about by hand between two runs. */
export const moments: readonly Step[] = [
	{ name: "before the first telegram", count: 0 },
	{ name: "first telegram", count: 1 },
	{ name: "ten telegrams", count: 9 },
	{ name: "forty telegrams", count: 30 },
	{ name: "six telegrams with five messages of 1024 characters", count: 6, isLong: true },
	{ name: "thirty telegrams without a pause", count: 30, isHurried: true },
	{ name: "ten telegrams more", count: 10 },
];

/** Bytes, but for the failures; null where the console did not tell. */
export interface MemoryRow {
	name: string;
	memory: { free: number; least: number; largestBlock: number; stackLeft: number; failures: number } | null;
}

/** The line of the console's `status`. */
const memoryLine = /^memory +(\d+) free, (\d+) at least, largest block (\d+), stack (\d+), (\d+) failures$/;
/** For the telegram to be dealt with before the memory is asked for. */
const settleMs = 2_000;

export async function feedBoard(
	board: Board,
	supply: Supply,
	steps: readonly Step[],
	period: number,
	say: (text: string) => void,
): Promise<MemoryRow[]> {
	const rows: MemoryRow[] = [];
	for (const { name, count, isLong = false, isHurried = false } of steps) {
		for (let sent = 0; sent < count; sent += 1) {
			const started = Date.now();
			const frame = supply.next(started, isLong);
			await board.send(frame);
			say(`sent ${frame.length} bytes`);
			if (!isHurried) await sleep(Math.max(0, started + period - Date.now()));
		}
		await sleep(Math.min(settleMs, period));
		rows.push({ name, memory: await askMemory(board) });
	}
	return rows;
}

async function askMemory(board: Board): Promise<MemoryRow["memory"]> {
	const match = board.hasConsole ? await board.ask("status", memoryLine) : null;
	if (match === null) return null;
	const [free, least, largestBlock, stackLeft, failures] = match.slice(1).map(Number);
	return { free: free!, least: least!, largestBlock: largestBlock!, stackLeft: stackLeft!, failures: failures! };
}
