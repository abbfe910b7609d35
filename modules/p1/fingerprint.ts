/** Tells one pair of keys from another without telling anything about them. */
import type { Decryptor } from "./decryptor.js";
import { applyKeystream } from "./gcm.js";
import { formatHex } from "./hex.js";

/**
 * Eight hexadecimal digits of what the encryption key makes of the authentication key, or null without a key. They say whether the keys
 * are still the same, and give neither of them away: it is the key stream for a nonce that no frame has. Cost: two blocks.
 */
export function fingerprintKeys({ gcm, additional }: Decryptor): string | null {
	if (gcm === null) return null;
	const digits = new Uint8Array(4);
	applyKeystream(gcm, additional.subarray(1), digits, 0, digits.length);
	return formatHex(digits, 0, digits.length);
}
