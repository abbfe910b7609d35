/** Reads a distinguished name's common name, for people. */
import { enter, hasFailed, isAtEnd, openDer, peekTag, readIdentifier, readRest, sequence, setOf } from "./der.js";

const commonName = "550403";
const organization = "55040a";
const longest = 64;

/** The common name of a name in DER, or its organization where it has none; only printable ASCII, `?` for the rest. Null without both. */
export function readCommonName(subject: Uint8Array): string | null {
	const sets = enter(openDer(subject), sequence);
	let found: string | null = null;
	while (!isAtEnd(sets)) {
		const pair = enter(enter(sets, setOf), sequence);
		const type = readIdentifier(pair);
		const tag = peekTag(pair);
		if (hasFailed(pair)) return found;
		const value = readRest(enter(pair, tag));
		if (type === commonName) return readText(value);
		if (type === organization) found = readText(value);
	}
	return found;
}

function readText(bytes: Uint8Array): string {
	let text = "";
	for (let at = 0; at < Math.min(bytes.length, longest); at += 1) {
		const code = bytes[at];
		text += code >= 32 && code < 127 ? String.fromCharCode(code) : "?";
	}
	return text;
}
