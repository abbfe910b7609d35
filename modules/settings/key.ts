/** Keys as people type them. */
import { consistsOf, leaveOut } from "../p1/characters.js";
import { formatHex, parseHex } from "../p1/hex.js";
import { defaultAuthenticationKey } from "../p1/reader.js";

/** The authentication key of all Luxembourg meters, which is public. As the encryption key it can only be a mistake. */
export const publicAuthenticationKey = formatHex(defaultAuthenticationKey(), 0, 16);

/** White space, and `:;,{}[]()"'-`. */
const between = "\t\r  \xa0\xa0\u2000\u200a\u2028\u2029\u202f\u202f\u3000\u3000\ufeff\ufeff:;,,{{}}[[]]()\"\"''--";

/**
 * A key of 32 hexadecimal digits, in upper case and without what people type between and around them: spaces, colons, dashes, and what
 * programs need, as in `{0x5A, 0x0F, …}`, `\x5A\x0F…` or `"5A0F…"`.
 */
export function normalizeKey(text: string): string {
	const digits = leaveOut(text, between).toUpperCase();
	return digits.replaceAll("0X", "").replaceAll("\\X", "");
}

/** What is wrong with a key of so many digits, without repeating any of it; null when it can be one. */
export function validateKey(name: string, text: string, length = 32): string | null {
	const digits = normalizeKey(text);
	for (let at = 0; at < digits.length; at++) {
		if (!consistsOf(digits.charAt(at), "09AF")) {
			return `${name} has something at place ${at + 1} that is not one of 0-9 and A-F. Is an O meant to be 0, or an I to be 1?`;
		}
	}
	if (digits.length !== length) {
		const missing = length - digits.length;
		const difference = missing > 0 ? `${missing} missing` : `${-missing} too many`;
		return `${name} has ${digits.length} hexadecimal digits and needs ${length}: ${difference}.`;
	}
	return null;
}

/** A key without complaints as bytes. */
export function parseKey(text: string): Uint8Array {
	return parseKeys(text)[0]!;
}

/** Keys without complaints, one after the other. */
export function parseKeys(text: string): Uint8Array[] {
	const bytes = parseHex(normalizeKey(text));
	if (bytes === null) throw new Error("a key with complaints");
	const keys: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; at += 16) keys.push(bytes.slice(at, at + 16));
	return keys;
}
