/** Repeatable chance: the same seed gives the same sequence (mulberry32). */
export interface Chance {
	/** An integer from `low` to `high`, both included. */
	integer(low: number, high: number): number;
	bytes(length: number): Uint8Array;
	pick<Item>(items: readonly Item[]): Item;
}

export function createChance(seed: number): Chance {
	let state = seed >>> 0;
	function next(): number {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}
	const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
	return {
		integer,
		bytes: length => Uint8Array.from({ length }, () => integer(0, 255)),
		pick: items => items[integer(0, items.length - 1)]!,
	};
}
