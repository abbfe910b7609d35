/** SHA-256 (FIPS 180-4) in plain code: an engine has none of its own, as the board has in C. */

export interface Sha256 {
	write(bytes: Uint8Array): void;
	/** 32 bytes. */
	close(): Uint8Array;
}

/** The first 32 bits behind the point of roots of primes: square roots, or cube roots. */
function rootsOf(count: number, power: number): number[] {
	const found: number[] = [];
	for (let number = 2; found.length < count; number += 1) {
		let isPrime = true;
		for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) isPrime = false;
		if (isPrime) found.push(((number ** power % 1) * 0x100000000) | 0);
	}
	return found;
}

export function createSha256(): Sha256 {
	const state = rootsOf(8, 1 / 2);
	const constants = rootsOf(64, 1 / 3);
	const block = new Uint8Array(64);
	const words = new Array<number>(64).fill(0);
	let count = 0;
	function write(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; at += 1) {
			block[count % 64] = bytes[at]!;
			count += 1;
			if (count % 64 === 0) mix();
		}
	}
	function mix(): void {
		for (let at = 0; at < 16; at += 1)
			words[at] = (block[4 * at]! << 24) | (block[4 * at + 1]! << 16) | (block[4 * at + 2]! << 8) | block[4 * at + 3]!;
		for (let at = 16; at < 64; at += 1) {
			const [two, fifteen] = [words[at - 2]!, words[at - 15]!];
			const first = turn(fifteen, 7) ^ turn(fifteen, 18) ^ (fifteen >>> 3);
			const second = turn(two, 17) ^ turn(two, 19) ^ (two >>> 10);
			words[at] = (words[at - 16]! + first + words[at - 7]! + second) | 0;
		}
		let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
		for (let at = 0; at < 64; at += 1) {
			const first = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
			const one = (h + first + ((e & f) ^ (~e & g)) + constants[at]! + words[at]!) | 0;
			const second = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
			const two = (second + ((a & b) ^ (a & c) ^ (b & c))) | 0;
			h = g;
			g = f;
			f = e;
			e = (d + one) | 0;
			d = c;
			c = b;
			b = a;
			a = (one + two) | 0;
		}
		[a, b, c, d, e, f, g, h].forEach((value, at) => {
			state[at] = (state[at]! + value) | 0;
		});
	}
	return {
		write,
		close() {
			const bits = count * 8;
			const rest = (119 - (count % 64)) % 64;
			const end = new Uint8Array(1 + rest + 8);
			end[0] = 0x80;
			for (let at = 0; at < 6; at += 1) end[end.length - 1 - at] = Math.floor(bits / 2 ** (8 * at)) % 256;
			write(end);
			return Uint8Array.from(state.flatMap(value => [value >>> 24, value >>> 16, value >>> 8, value]));
		},
	};
}

function turn(value: number, bits: number): number {
	return (value >>> bits) | (value << (32 - bits));
}
