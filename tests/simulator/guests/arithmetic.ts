/** Reads pairs of doubles and replies what arithmetic makes of each pair, bit for bit. */
export function createGuest() {
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const input = new Float64Array(request);
			const output: number[] = [];
			for (let at = 0; at + 1 < input.length; at += 2) {
				const a = input[at]!;
				const b = input[at + 1]!;
				output.push(a + b, a - b, a * b, a / b, a % b, Math.sqrt(a), Math.floor(a), a | 0, b >>> 0);
				output.push((a | 0) % (b | 0), Math.fround(a), a < b ? 1 : 0, a === b ? 1 : 0, Number(String(a)));
			}
			// All NaN are one: engines may choose the bits.
			return Float64Array.from(output, value => (Number.isNaN(value) ? Number.NaN : value)).buffer;
		},
	};
}
