/** Text as ASCII bytes and back, the same in every engine: what is not ASCII travels as JSON's `\u` escapes. */
export function encodeText(json: string): ArrayBuffer {
	const bytes: number[] = [];
	for (let at = 0; at < json.length; at += 1) {
		const code = json.charCodeAt(at);
		if (code < 128) bytes.push(code);
		else for (const character of `\\u${code.toString(16).padStart(4, "0")}`) bytes.push(character.charCodeAt(0));
	}
	return Uint8Array.from(bytes).buffer;
}

export function decodeText(bytes: Uint8Array): string {
	let text = "";
	for (let at = 0; at < bytes.length; at += 1) text += String.fromCharCode(bytes[at]!);
	return text;
}
