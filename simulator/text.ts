/** Text as ASCII bytes and back, the same in every engine: what is not ASCII travels as JSON's `\u` escapes. */
export function encodeText(json: string): ArrayBuffer {
	const ascii = escapeText(json);
	const bytes = new Uint8Array(ascii.length);
	for (let at = 0; at < ascii.length; at += 1) bytes[at] = ascii.charCodeAt(at);
	return bytes.buffer;
}

function escapeText(json: string): string {
	let escaped = "";
	let copied = 0;
	for (let at = 0; at < json.length; at += 1) {
		const code = json.charCodeAt(at);
		if (code < 128) continue;
		escaped += `${json.slice(copied, at)}\\u${code.toString(16).padStart(4, "0")}`;
		copied = at + 1;
	}
	return copied === 0 ? json : escaped + json.slice(copied);
}

export function decodeText(bytes: Uint8Array): string {
	let text = "";
	for (let at = 0; at < bytes.length; at += 1) text += String.fromCharCode(bytes[at]!);
	return text;
}
