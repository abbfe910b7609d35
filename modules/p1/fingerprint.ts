/** Tells one pair of keys from another without telling anything about them. */
import { applyKeystream } from "./gcm.js";
import { formatHex } from "./hex.js";
import { type Keys, takeTables } from "./keys.js";

/**
 * Of each key, eight hexadecimal digits of what it makes of the authentication key. They say whether the keys are still the same, and
 * give neither of them away: it is the key stream for a nonce that no frame has. None where the platform deciphers. Cost: tables and two blocks each.
 */
export function fingerprintKeys(keys: Keys, authenticationKey: Uint8Array): string[] {
	const found: string[] = [];
	// The first last: its tables stay.
	for (let at = keys.all.length - 1; at >= 0; at -= 1) {
		takeTables(keys, at);
		if (keys.gcm === null) return [];
		const digits = new Uint8Array(4);
		applyKeystream(keys.gcm, authenticationKey, digits, 0, digits.length);
		found.unshift(formatHex(digits, 0, digits.length));
	}
	return found;
}
