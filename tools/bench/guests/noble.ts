/** Guest: @noble/ciphers decrypts. */

import { gcm } from "@noble/ciphers/aes.js";
import { createSealedGuest } from "./sealed.js";

/** @noble/ciphers knows tags of 16 bytes only. */
export function createGuest() {
	return createSealedGuest(key => (nonce, additional, text, tag) => {
		const bytes = new Uint8Array(text.length + tag.length);
		bytes.set(text);
		bytes.set(tag, text.length);
		return gcm(key, nonce, additional).decrypt(bytes);
	});
}
