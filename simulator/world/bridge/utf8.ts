/** Text as UTF-8 and back. Node has its own functions for it; the XS machine of the engines has none. */
export function encodeUtf8(text: string): Uint8Array {
	return typeof TextEncoder === "undefined" ? encodeByHand(text) : new TextEncoder().encode(text);
}

export function decodeUtf8(bytes: Uint8Array): string {
	return typeof TextDecoder === "undefined" ? decodeByHand(bytes) : new TextDecoder().decode(bytes);
}

/**
 * A surrogate without its other half becomes U+FFFD, as in Node. By iterator, because XS keeps text as UTF-8 and counts
 * characters from its beginning for every index.
 */
export function encodeByHand(text: string): Uint8Array {
	// Not three bytes for every character: long messages would take three times their length of the board's memory.
	const others = text.match(/[\u0080-\uffff]/g)?.length ?? 0;
	const bytes = new Uint8Array(text.length + 2 * others);
	let length = 0;
	for (const character of text) {
		let code = character.codePointAt(0)!;
		if (code < 0x80) {
			bytes[length++] = code;
			continue;
		}
		if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
		if (code < 0x800) {
			bytes[length++] = 0xc0 | (code >> 6);
		} else {
			if (code < 0x10000) {
				bytes[length++] = 0xe0 | (code >> 12);
			} else {
				bytes[length++] = 0xf0 | (code >> 18);
				bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
			}
			bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
		}
		bytes[length++] = 0x80 | (code & 0x3f);
	}
	return bytes.subarray(0, length);
}

/** For UTF-8 that is whole and well-formed, as the world's own is. */
export function decodeByHand(bytes: Uint8Array): string {
	let text = "";
	for (let at = 0; at < bytes.length; ) {
		const first = bytes[at++]!;
		if (first < 0x80) {
			text += String.fromCharCode(first);
			continue;
		}
		const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
		let code = first & (0x3f >> more);
		for (let count = 0; count < more; count++) code = (code << 6) | (bytes[at++]! & 0x3f);
		text += String.fromCodePoint(code);
	}
	return text;
}
