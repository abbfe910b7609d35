/** Simulates the LED reader. */

import { type Board, pulsePin } from "./boards.js";
import { createCircuit } from "./circuit.js";
import type { Netlist } from "./netlist.js";
import { highestLow, lowestHigh } from "./serial.js";
import { readValues, simulate, type Waveforms } from "./spice.js";

export interface Light {
	/** Photocurrent of the meter's LED in amperes, its length in seconds and how often in a second. */
	readonly led: number;
	readonly length: number;
	readonly rate: number;
	/** Photocurrent of lamp light in amperes at its brightest; it falls to nothing 100 times in a second. */
	readonly lamp: number;
	/** Photocurrent of daylight in amperes. */
	readonly daylight: number;
}

export interface PulseFigures {
	readonly sent: number;
	/** Pulses that a GPIO counts: low below its guaranteed level, then high above it. */
	readonly counted: number;
	/** Shortest and longest low time in seconds, 0 without pulses. */
	readonly shortest: number;
	readonly longest: number;
}

const stop = 0.105;
const first = 5e-3;

/** Light on the LED reader for 100 ms. Assumed: the photocurrents, and rise and fall within 10 µs. */
export async function countPulses(netlist: Netlist, board: Board, light: Light): Promise<PulseFigures> {
	const photocurrent = `${light.daylight}+${light.lamp}*abs(sin(314.159*time))+${light.led}*v(led)`;
	const { lines, findNode } = createCircuit(netlist, board, {
		photocurrent,
		from: [{ part: board.controller, pin: pulsePin }],
	});
	const pulse = findNode(board.controller, pulsePin);
	const deck = [
		...lines,
		`Vlogic ${findNode(board.controller, "3V")} 0 3.3`,
		`Vled led 0 PULSE(0 1 ${first} 10u 10u ${light.length} ${1 / light.rate})`,
		`Cpin ${pulse} 0 15p`,
		`.tran 10u ${stop} 0 10u`,
	];
	const run = await simulate(deck, stop);
	return { sent: Math.ceil((stop - first) * light.rate - 1e-9), ...measurePulses(run, pulse) };
}

function measurePulses(run: Waveforms, node: string): Omit<PulseFigures, "sent"> {
	const lengths: number[] = [];
	let fallen: number | null = null;
	for (const [index, volts] of readValues(run, `v(${node})`).entries()) {
		const now = run.time[index] ?? 0;
		if (volts <= highestLow) fallen ??= now;
		if (volts >= lowestHigh && fallen !== null) {
			lengths.push(now - fallen);
			fallen = null;
		}
	}
	const counted = lengths.length;
	return { counted, shortest: counted ? Math.min(...lengths) : 0, longest: counted ? Math.max(...lengths) : 0 };
}
