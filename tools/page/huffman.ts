/** Codes of deflate (RFC 1951, 3.2): how long each symbol's is, and what a block's head that says so takes. */

/** The longest code of a symbol, and of a length of codes. */
const longestCode = 15;
const longestLengthCode = 7;
/** In this order the lengths of the codes of lengths are written. */
const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Lengths of the best prefix code of at most `longest` bits, by package-merge; 0 for what does not occur. */
export function codeLengths(counts: readonly number[], longest = longestCode): number[] {
	const lengths = counts.map(() => 0);
	const leaves = [...counts.keys()]
		.filter(symbol => counts[symbol]! > 0)
		.sort((a, b) => counts[a]! - counts[b]!)
		.map(symbol => ({ weight: counts[symbol]!, symbols: [symbol] }));
	if (leaves.length < 2) {
		for (const { symbols } of leaves) lengths[symbols[0]!] = 1;
		return lengths;
	}
	let row = leaves;
	for (let level = 1; level < longest; level += 1) {
		const packages = [];
		for (let at = 0; at + 1 < row.length; at += 2) {
			const [one, other] = [row[at]!, row[at + 1]!];
			packages.push({ weight: one.weight + other.weight, symbols: [...one.symbols, ...other.symbols] });
		}
		row = [...leaves, ...packages].sort((a, b) => a.weight - b.weight);
	}
	for (const { symbols } of row.slice(0, 2 * leaves.length - 2)) for (const symbol of symbols) lengths[symbol]! += 1;
	return lengths;
}

/** The canonical codes of these lengths, first bit highest. */
export function codesOf(lengths: readonly number[]): number[] {
	let code = 0;
	const codes = lengths.map(() => 0);
	for (let length = 1; length <= longestCode; length += 1) {
		code *= 2;
		for (const [symbol, own] of lengths.entries()) if (own === length) codes[symbol] = code++;
	}
	return codes;
}

/** Writes `count` bits of `value`, the lowest first. */
export type Put = (value: number, count: number) => void;

/** A code's bits are written highest first (3.1.1). */
export function putCode(put: Put, code: number, length: number): void {
	for (let at = length - 1; at >= 0; at -= 1) put((code >> at) & 1, 1);
}

/** Writes the head of a block with these codes of its own (3.2.7), after its three first bits. */
export function putHead(put: Put, literals: readonly number[], distances: readonly number[]): void {
	const literalCount = Math.max(257, countUsed(literals));
	const distanceCount = Math.max(1, countUsed(distances));
	const runs = listRuns([...literals.slice(0, literalCount), ...distances.slice(0, distanceCount)]);
	const counts = new Array<number>(19).fill(0);
	for (const { symbol } of runs) counts[symbol]! += 1;
	const lengths = codeLengths(counts, longestLengthCode);
	const codes = codesOf(lengths);
	const orderCount = Math.max(4, countUsed(order.map(symbol => lengths[symbol]!)));
	put(literalCount - 257, 5);
	put(distanceCount - 1, 5);
	put(orderCount - 4, 4);
	for (const symbol of order.slice(0, orderCount)) put(lengths[symbol]!, 3);
	for (const { symbol, extra, bits } of runs) {
		putCode(put, codes[symbol]!, lengths[symbol]!);
		put(extra, bits);
	}
}

/** Without the zeros at the end. */
function countUsed(lengths: readonly number[]): number {
	let count = lengths.length;
	while (count > 0 && lengths[count - 1] === 0) count -= 1;
	return count;
}

interface Run {
	symbol: number;
	extra: number;
	bits: number;
}

/** Lengths as they are written: runs of zeros, and repetitions of the one before. */
function listRuns(lengths: readonly number[]): Run[] {
	const runs: Run[] = [];
	for (let at = 0; at < lengths.length; ) {
		const length = lengths[at]!;
		let count = 1;
		while (lengths[at + count] === length) count += 1;
		at += count;
		if (length !== 0) {
			runs.push({ symbol: length, extra: 0, bits: 0 });
			count -= 1;
		}
		while (count >= 3) {
			const most = length !== 0 ? 6 : count > 10 ? 138 : 10;
			const part = Math.min(count, most);
			if (length !== 0) runs.push({ symbol: 16, extra: part - 3, bits: 2 });
			else if (part > 10) runs.push({ symbol: 18, extra: part - 11, bits: 7 });
			else runs.push({ symbol: 17, extra: part - 3, bits: 3 });
			count -= part;
		}
		for (; count > 0; count -= 1) runs.push({ symbol: length, extra: 0, bits: 0 });
	}
	return runs;
}
