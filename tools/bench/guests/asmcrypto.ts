/** Guest: asmcrypto.js decrypts. */

import { AES_GCM } from "asmcrypto.js";
import { createSealedGuest } from "./sealed.js";

export function createGuest() {
	return createSealedGuest(key => (nonce, additional, text, tag) => {
		const bytes = new Uint8Array(text.length + tag.length);
		bytes.set(text);
		bytes.set(tag, text.length);
		return AES_GCM.decrypt(bytes, key, nonce, additional, tag.length);
	});
}
