/** The fingerprint of a public key: SHA-256 over its SubjectPublicKeyInfo, as RFC 7469 pins keys. */
import { fromBase64, fromHex, toBase64, toHex } from "./bytes.js";

export const pinLength = 32;
const scheme = "sha256/";

/** `sha256/` and base64, as curl, Android and others write it. */
export function formatPin(pin: Uint8Array): string {
	return scheme + toBase64(pin);
}

/** 64 lower-case hexadecimal digits, as `openssl dgst -sha256` writes it. */
export function formatPinAsHex(pin: Uint8Array): string {
	return toHex(pin);
}

/** A fingerprint in either form, the digits in any case; null for anything else. */
export function parsePin(text: string): Uint8Array | null {
	const pin = text.startsWith(scheme) ? fromBase64(text.slice(scheme.length)) : fromHex(text);
	return pin !== null && pin.length === pinLength ? pin : null;
}
