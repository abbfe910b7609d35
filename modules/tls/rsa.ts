/** Verifies RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2). */
import type { HashName } from "../ports/tls.js";
import { toBigInt, toHex } from "./bytes.js";

export interface RsaKey {
	/** Odd. */
	readonly modulus: bigint;
	/** Bytes of the modulus, and of a signature. */
	readonly size: number;
	/** Odd, and short: its bits are the number of multiplications. */
	readonly exponent: bigint;
}

/** DigestInfo up to the digest (RFC 8017 section 9.2, note 1). */
const prefixes: Readonly<Record<HashName, string>> = Object.freeze({
	sha256: "3031300d060960864801650304020105000420",
	sha384: "3041300d060960864801650304020205000430",
	sha512: "3051300d060960864801650304020305000440",
});

/**
 * Whether `signature` is one of `digest`, which `hash` made. What the signature opens to is compared whole with the one encoding
 * that is right, so that there is no padding to be read and none to be fooled. Costs the square of the modulus for each bit of
 * the exponent: 17 times for 65537.
 */
export function verifyRsa(key: RsaKey, hash: HashName, digest: Uint8Array, signature: Uint8Array): boolean {
	const { modulus, exponent, size } = key;
	if (signature.length !== size) return false;
	const value = toBigInt(signature);
	if (value >= modulus) return false;
	const info = prefixes[hash] + toHex(digest);
	const padding = size - 3 - info.length / 2;
	if (padding < 8) return false;
	return power(value, exponent, modulus) === BigInt(`0x0001${"ff".repeat(padding)}00${info}`);
}

/** base^exponent modulo `modulus`, for a positive exponent. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
	const bits = exponent.toString(2);
	let result = base;
	for (let at = 1; at < bits.length; at += 1) {
		result = (result * result) % modulus;
		if (bits[at] === "1") result = (result * base) % modulus;
	}
	return result;
}
