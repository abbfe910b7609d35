/** The key expansion of AES-128, of which the board keeps no more than encryption needs. */

/** The package's cipher: what its `encrypt` looks at, and what it returns, 16 bytes. */
export type Encrypt = (this: { _Ke: number[][] }, block: ArrayLike<number>) => Uint8Array;

const words = 44;

/**
 * FIPS 197 section 5.2 for a key of 16 bytes: the round keys, four words each, as aes-js keeps them. The package's own expansion
 * also makes keys to decrypt with; its four tables for that would take 16 KiB of flash, and the keys 1 KiB of memory. `encrypt` of no
 * rounds is the S-box, for which there is no other way in.
 */
export function expandKey(key: ArrayLike<number>, encrypt: Encrypt): number[][] {
	if (key.length !== 16) throw new RangeError(`AES-128 needs a key of 16 bytes, not ${key.length}`);
	const noRounds = {
		_Ke: [
			[0, 0, 0, 0],
			[0, 0, 0, 0],
		],
	};
	const block = new Array<number>(16);
	/** The S-box of each byte of a word that was rotated left by one. */
	const substitute = (word: number): number => {
		for (let at = 0; at < 16; at += 4) {
			block[at] = (word >> 16) & 0xff;
			block[at + 1] = (word >> 8) & 0xff;
			block[at + 2] = word & 0xff;
			block[at + 3] = (word >> 24) & 0xff;
		}
		const [first, second, third, fourth] = encrypt.call(noRounds, block);
		return (first! << 24) | (second! << 16) | (third! << 8) | fourth!;
	};
	const rounds: number[][] = [];
	let round: number[] = [];
	for (let at = 0; at < 16; at += 4) {
		round.push((key[at]! << 24) | (key[at + 1]! << 16) | (key[at + 2]! << 8) | key[at + 3]!);
	}
	rounds.push(round);
	let constant = 1;
	for (let count = 4; count < words; count += 4) {
		const [first, second, third, fourth] = round as [number, number, number, number];
		const next = first ^ substitute(fourth) ^ (constant << 24);
		round = [next, next ^ second, next ^ second ^ third, next ^ second ^ third ^ fourth];
		rounds.push(round);
		constant = (constant << 1) ^ (constant & 0x80 ? 0x11b : 0);
	}
	return rounds;
}
