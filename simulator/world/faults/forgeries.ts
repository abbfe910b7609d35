/** Telegrams that somebody else makes and sends in clear. */

import { drawInteger } from "../../chance.js";
import { formatTelegram, type MeterSnapshot } from "../../telegram.js";
import { transmit } from "../board/line.js";
import type { World } from "../state.js";
import { chanceOf } from "./random.js";

const day = 86_400_000;
/** The latest that is read as a date. */
const farFuture = Date.UTC(2059, 11, 30);
const strangers = ["SAG1030799999991", "SAG1030799999992", "SAG1030799999993", "SAG1030799999994"];

/** One to six telegrams in a row, each with a good CRC and in the name of the meter or of others, with other times and indices. */
export function forgeTelegrams(world: World): void {
	const last = world.groundTruth.sent.at(-1)?.snapshot ?? null;
	if (last === null) return;
	const chance = chanceOf(world);
	const count = 1 + drawInteger(chance, 6);
	const kind = drawInteger(chance, 6);
	world.note("forgery", { telegrams: count, of: kind });
	for (let at = 1; at <= count; at += 1) {
		transmit(world.line, Buffer.from(formatTelegram({ ...last, ...alter(last, kind, at) }), "latin1"), -1);
	}
}

function alter({ time, activeEnergyImport }: MeterSnapshot, kind: number, at: number): Partial<MeterSnapshot> {
	switch (kind) {
		case 0:
			return { time: farFuture + at * 1_000 };
		case 1:
			return { time: time + 40 * day + at * 1_000 };
		case 2:
			return { time: time - day };
		case 3:
			return { time: time + at * 1_000, activeEnergyImport: at };
		case 4:
			return { time: time + at * 1_000, activeEnergyImport: activeEnergyImport + 90_000_000 };
		default:
			return { serial: strangers[(at + Math.floor(time / 60_000)) % strangers.length]!, time: time + at * 1_000 };
	}
}
