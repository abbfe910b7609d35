/** Numbers in bytes: LoRaWAN sends the least significant byte first. */

/** `count` bytes, at most 6. */
export function readNumber(bytes: Uint8Array, at: number, count: number): number {
	let value = 0;
	for (let index = count - 1; index >= 0; index -= 1) value = value * 256 + bytes[at + index];
	return value;
}

/** `count` bytes, at most 4. */
export function writeNumber(bytes: Uint8Array | number[], at: number, count: number, value: number): void {
	for (let index = 0; index < count; index += 1) bytes[at + index] = (value >> (index << 3)) & 255;
}

/** What people type, the most significant byte first, as it is sent. */
export function writeReversed(bytes: Uint8Array, at: number, value: Uint8Array): void {
	const last = value.length - 1;
	for (let index = 0; index <= last; index += 1) bytes[at + index] = value[last - index];
}
