/** Guest: node-forge decrypts. */

import forge from "node-forge/lib/forge.js";
import "node-forge/lib/aes.js";
import { createSealedGuest } from "./sealed.js";

export function createGuest() {
	return createSealedGuest(key => {
		const decipher = forge.cipher.createDecipher("AES-GCM", forge.util.createBuffer(key));
		return (nonce, additional, text, tag) => {
			decipher.start({
				iv: forge.util.createBuffer(nonce),
				additionalData: forge.util.createBuffer(additional).getBytes(),
				tagLength: tag.length * 8,
				tag: forge.util.createBuffer(tag),
			});
			decipher.update(forge.util.createBuffer(text));
			if (!decipher.finish()) return null;
			const bytes = decipher.output.getBytes();
			const result = new Uint8Array(bytes.length);
			for (let at = 0; at < bytes.length; at += 1) result[at] = bytes.charCodeAt(at);
			return result;
		};
	});
}
