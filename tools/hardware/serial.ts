/** Serial bytes in a simulation: how they are sent, and how a receiver would read them. */

import { readValues, type Waveforms } from "./spice.js";

/** 115200 baud, 8 data bits, no parity, 1 stop bit (DSMR P1 5.0.2 chapter 6.1). */
export const bitSeconds = 1 / 115200;

/** Long and short runs of both levels, sent back to back: starts of a frame and the corner cases. */
const testBytes: readonly number[] = [0xdb, 0x08, 0x53, 0x55, 0x00, 0xff, 0xaa, 0x7f, 0x80];

/** Levels that an ESP32 at 3.3 V guarantees to read: 0.25 and 0.75 of its supply. */
export const lowestHigh = 2.475;
export const highestLow = 0.825;

const lead = 10 * bitSeconds;

/** True where the line is SPACE, one entry per bit: start bit, eight data bits with the lowest first, stop bit. */
function listBits(): boolean[] {
	return testBytes.flatMap(byte => [true, ...Array.from({ length: 8 }, (_, bit) => ((byte >> bit) & 1) === 0), false]);
}

export const transmissionSeconds = 2 * lead + testBytes.length * 10 * bitSeconds;

/**
 * A voltage source that is 1 V while the meter sends SPACE (its transistor is off), as an ngspice line.
 * @param late how many bits later than usual it starts.
 */
export function describeTransmission(name: string, node: string, late = 0): string {
	const points: string[] = ["0 0"];
	let level = 0;
	for (const [index, space] of listBits().entries()) {
		const next = space ? 1 : 0;
		if (next === level) continue;
		const at = lead + (index + late) * bitSeconds;
		points.push(`${(at - 20e-9).toExponential(9)} ${level}`, `${(at + 20e-9).toExponential(9)} ${next}`);
		level = next;
	}
	return `V${name} ${node} 0 PWL(${points.join(" ")})`;
}

export interface LineQuality {
	readonly samples: number;
	/** Samples that a receiver may read wrongly. */
	readonly errors: number;
	/** Distance from a sample to the nearest wrong moment, in percent of a bit: the least of all samples, 0 with errors. */
	readonly margin: number;
}

/** How a receiver looks at the line: where it sees the start edge, how its clock is off, and what counts as high and low. */
interface Receiver {
	readonly edges: readonly number[];
	readonly clocks: readonly number[];
	readonly high: number;
	readonly low: number;
}

/** Threshold in the middle, exact clock. */
const typicalReceiver: Receiver = { edges: [1.65], clocks: [1], high: 1.65, low: 1.65 };
/** Start edge anywhere between the guaranteed levels, clock 2 % off, no sample between them. */
const strictReceiver: Receiver = {
	edges: [highestLow, lowestHigh],
	clocks: [0.98, 1.02],
	high: lowestHigh,
	low: highestLow,
};

interface Span {
	readonly from: number;
	readonly to: number;
}

/** The spans of time in which the signal is at least `level`, or at most when `above` is false. */
function listSpans(time: readonly number[], signal: readonly number[], level: number, above: boolean): Span[] {
	const spans: Span[] = [];
	let from: number | null = null;
	const isIn = (value: number) => (above ? value >= level : value <= level);
	for (const [index, value] of signal.entries()) {
		const before = signal[index - 1] ?? value;
		const earlier = time[index - 1] ?? 0;
		const now = time[index] ?? 0;
		const crossing = value === before ? now : earlier + ((now - earlier) * (level - before)) / (value - before);
		if (isIn(value) && from === null) from = index === 0 ? 0 : crossing;
		if (!isIn(value) && from !== null) {
			spans.push({ from, to: crossing });
			from = null;
		}
	}
	if (from !== null) spans.push({ from, to: Number.POSITIVE_INFINITY });
	return spans;
}

/**
 * Samples the test bytes at a node as a UART does.
 * @param inverted true when SPACE is low at the node (behind an inverter).
 */
export function measureLine(
	run: Waveforms,
	node: string,
	inverted = false,
): { typical: LineQuality; strict: LineQuality } {
	const raw = readValues(run, `v(${node})`);
	const signal = inverted ? raw.map(value => 3.3 - value) : raw;
	return {
		typical: sampleLine(run.time, signal, typicalReceiver),
		strict: sampleLine(run.time, signal, strictReceiver),
	};
}

function sampleLine(time: readonly number[], signal: readonly number[], receiver: Receiver): LineQuality {
	const spaces = listSpans(time, signal, receiver.high, true);
	const marks = listSpans(time, signal, receiver.low, false);
	const bits = listBits();
	let samples = 0;
	let errors = 0;
	let nearest = Number.POSITIVE_INFINITY;
	for (let byte = 0; byte < testBytes.length; byte++) {
		for (const edge of receiver.edges) {
			const start = findStart(listSpans(time, signal, edge, true), lead + byte * 10 * bitSeconds);
			for (const clock of receiver.clocks) {
				for (let bit = 0; bit < 10; bit++) {
					const at = start + (bit + 0.5) * bitSeconds * clock;
					const span = (bits[byte * 10 + bit] ? spaces : marks).find(item => item.from <= at && at <= item.to);
					samples++;
					if (span === undefined) errors++;
					else nearest = Math.min(nearest, at - span.from, span.to - at);
				}
			}
		}
	}
	return { samples, errors, margin: errors > 0 ? 0 : (nearest / bitSeconds) * 100 };
}

/** The start edge of the byte that is sent at this moment: the first one from shortly before it on. */
function findStart(spans: readonly Span[], sent: number): number {
	return spans.find(span => span.from > sent - bitSeconds / 2)?.from ?? sent;
}
