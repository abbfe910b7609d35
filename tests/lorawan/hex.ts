/** Bytes of the tests, as they are published: hexadecimal digits, with spaces where a reader wants them. */
export function hex(text: string): Uint8Array {
	return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

export function toHex(bytes: Uint8Array, length = bytes.length): string {
	return Buffer.from(bytes.subarray(0, length)).toString("hex");
}
