/** A reading's numbers as few bytes: each 7 bits a byte, the lowest first, the sign in the lowest bit (as protobuf's sint64). */

/** Safe integers only, which is what `message.ts` gives. About 1 byte for a count, 3 for a voltage, 4 for an energy. */
export function packNumbers(numbers: readonly number[]): Uint8Array {
	const bytes: number[] = [];
	for (const number of numbers) {
		// Twice a safe integer need not be safe: the sign goes into the first byte apart.
		let rest = number < 0 ? -number - 1 : number;
		const first = (rest % 64) * 2 + (number < 0 ? 1 : 0);
		rest = Math.floor(rest / 64);
		bytes.push(rest > 0 ? first | 128 : first);
		while (rest > 0) {
			const low = rest % 128;
			rest = Math.floor(rest / 128);
			bytes.push(rest > 0 ? low | 128 : low);
		}
	}
	return Uint8Array.from(bytes);
}

/** The numbers again; the first `most` of them. libsql gives the bytes of one row as a Buffer and those of many as ArrayBuffers. */
export function unpackNumbers(packed: Uint8Array | ArrayBuffer, most = Number.POSITIVE_INFINITY): number[] {
	const bytes = packed instanceof Uint8Array ? packed : new Uint8Array(packed);
	const numbers: number[] = [];
	for (let at = 0; at < bytes.length && numbers.length < most; ) {
		let byte = bytes[at]!;
		const isNegative = (byte & 1) === 1;
		let value = (byte & 127) >> 1;
		let scale = 64;
		at += 1;
		while (byte & 128) {
			byte = bytes[at]!;
			value += (byte & 127) * scale;
			scale *= 128;
			at += 1;
		}
		numbers.push(isNegative ? -value - 1 : value);
	}
	return numbers;
}
