/** Guest: sjcl decrypts. */

import sjcl from "sjcl";
import { createSealedGuest } from "./sealed.js";

export function createGuest() {
	return createSealedGuest(key => {
		const cipher = new sjcl.cipher.aes(toBits(key));
		return (nonce, additional, text, tag) => {
			const bytes = new Uint8Array(text.length + tag.length);
			bytes.set(text);
			bytes.set(tag, text.length);
			return toBytes(sjcl.mode.gcm.decrypt(cipher, toBits(bytes), toBits(nonce), toBits(additional), tag.length * 8));
		};
	});
}

/** sjcl's arrays of bits: words of 32, and a last one that tells its length. */
function toBits(bytes: Uint8Array): number[] {
	const bits: number[] = [];
	let word = 0;
	let at = 0;
	for (; at < bytes.length; at += 1) {
		word = (word << 8) | bytes[at]!;
		if ((at & 3) === 3) {
			bits.push(word);
			word = 0;
		}
	}
	if (at & 3) bits.push(sjcl.bitArray.partial(8 * (at & 3), word));
	return bits;
}

function toBytes(bits: number[]): Uint8Array {
	const bytes = new Uint8Array(sjcl.bitArray.bitLength(bits) / 8);
	for (let at = 0; at < bytes.length; at += 1) bytes[at] = bits[at >> 2]! >> (24 - 8 * (at & 3));
	return bytes;
}
