/** Text as UTF-8 and back, in XS by its own functions and in Node by Node's. */
interface XsText {
	fromString?(text: string): ArrayBuffer;
	fromArrayBuffer?(buffer: ArrayBuffer): string;
}

export function encodeUtf8(text: string): Uint8Array {
	// XS adds a function to ArrayBuffer that no type of ours knows.
	const { fromString } = ArrayBuffer as unknown as XsText;
	return fromString === undefined ? new TextEncoder().encode(text) : new Uint8Array(fromString(text));
}

export function decodeUtf8(bytes: Uint8Array): string {
	const { fromArrayBuffer } = String as unknown as XsText;
	return fromArrayBuffer === undefined ? new TextDecoder().decode(bytes) : fromArrayBuffer(bytes.slice().buffer);
}
