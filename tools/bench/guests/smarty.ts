/** Guest: this project's GCM decrypts. */

import { createGcm, open } from "../../../modules/p1/gcm.js";
import { createSealedGuest } from "./sealed.js";

/** This project's own GCM. It opens in place, text and tag side by side. */
export function createGuest() {
	return createSealedGuest(key => {
		const gcm = createGcm(key);
		return (nonce, additional, text, tag) => {
			const bytes = new Uint8Array(text.length + tag.length);
			bytes.set(text);
			bytes.set(tag, text.length);
			return open(gcm, nonce, additional, bytes, 0, text.length, tag.length) ? bytes.subarray(0, text.length) : null;
		};
	});
}
