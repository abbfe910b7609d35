/**
 * The simulator's only source of chance: a small generator (Mulberry32) whose whole state is one 32-bit word, so that a run
 * is repeated from its seed. Nothing in it is secret; keys are not made with it.
 */
export interface Chance {
	state: number;
}

export function createChance(seed: number): Chance {
	if (!Number.isInteger(seed)) throw new Error(`a seed is a whole number, not ${seed}`);
	return { state: seed | 0 };
}

/** A number from 0 up to, and without, 1. */
export function draw(chance: Chance): number {
	chance.state = (chance.state + 0x6d2b79f5) | 0;
	let word = chance.state;
	word = Math.imul(word ^ (word >>> 15), word | 1);
	word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
	return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
}

/** A whole number from 0 up to, and without, `count`. */
export function drawInteger(chance: Chance, count: number): number {
	return Math.floor(draw(chance) * count);
}

/** A number from `low` to `high`. */
export function drawBetween(chance: Chance, low: number, high: number): number {
	return low + draw(chance) * (high - low);
}

/** True with the given probability. */
export function happens(chance: Chance, probability: number): boolean {
	return draw(chance) < probability;
}

export function drawBytes(chance: Chance, length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let at = 0; at < length; at++) bytes[at] = drawInteger(chance, 256);
	return bytes;
}
