/** What is known about a reading beside its numbers, in one small integer: bits 0 and 1 the verdict, 2 and 3 the clock, 4 a fall. */
import { type Reading, type Verdict, verdicts } from "./entry.js";

const clocks = ["meter", "local", "reader"] as const;
const fallBit = 16;

export function packFlags({ verdict, clock }: Pick<Reading, "verdict" | "clock">): number {
	return verdicts.indexOf(verdict) | (clocks.indexOf(clock) << 2);
}

/** 0 is the best. */
export function verdictRank(flags: number): number {
	return flags & 3;
}

export function verdictOf(flags: number): Verdict {
	return verdicts[flags & 3] ?? "plain";
}

export function clockOf(flags: number): Reading["clock"] {
	return clocks[(flags >> 2) & 3] ?? "reader";
}

/** A register was lower than in the reading before. */
export function hasFallen(flags: number): boolean {
	return (flags & fallBit) !== 0;
}

export function markFall(flags: number, fallen: boolean): number {
	return fallen ? flags | fallBit : flags & ~fallBit;
}
