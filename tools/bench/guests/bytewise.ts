/** Guest: aes-js with GCM bit by bit decrypts, as a baseline. */

import aes from "aes-js";
import { createSealedGuest } from "./sealed.js";

/** The baseline: aes-js with GCM as the standard writes it down, a byte and a bit at a time. */
export function createGuest() {
	return createSealedGuest(key => {
		const cipher = new aes.AES(key);
		const subkey = cipher.encrypt(new Uint8Array(16));
		return (nonce, additional, text, tag) => {
			const hash = new Uint8Array(16);
			absorb(hash, subkey, additional);
			absorb(hash, subkey, text);
			const lengths = new Uint8Array(16);
			new DataView(lengths.buffer).setUint32(4, additional.length * 8);
			new DataView(lengths.buffer).setUint32(12, text.length * 8);
			absorb(hash, subkey, lengths);
			const counter = new Uint8Array(16);
			counter.set(nonce);
			counter[15] = 1;
			const mask = cipher.encrypt(counter);
			let difference = 0;
			for (let at = 0; at < tag.length; at += 1) difference |= hash[at]! ^ mask[at]! ^ tag[at]!;
			return difference === 0 ? decrypt(cipher, counter, text) : null;
		};
	});
}

function decrypt(cipher: InstanceType<typeof aes.AES>, counter: Uint8Array, text: Uint8Array): Uint8Array {
	const result = new Uint8Array(text.length);
	for (let start = 0; start < text.length; start += 16) {
		for (let at = 15; at >= 12; at -= 1) {
			counter[at] = (counter[at]! + 1) & 255;
			if (counter[at] !== 0) break;
		}
		const stream = cipher.encrypt(counter);
		const length = Math.min(16, text.length - start);
		for (let at = 0; at < length; at += 1) result[start + at] = text[start + at]! ^ stream[at]!;
	}
	return result;
}

function absorb(hash: Uint8Array, subkey: Uint8Array, bytes: Uint8Array): void {
	for (let start = 0; start < bytes.length; start += 16) {
		const length = Math.min(16, bytes.length - start);
		for (let at = 0; at < length; at += 1) hash[at]! ^= bytes[start + at]!;
		multiply(hash, subkey);
	}
}

/** SP 800-38D, algorithm 1, with the shifted factor in four words. */
function multiply(hash: Uint8Array, subkey: Uint8Array): void {
	const view = new DataView(subkey.buffer, subkey.byteOffset);
	const power = [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)];
	const sum = [0, 0, 0, 0];
	for (let bit = 0; bit < 128; bit += 1) {
		if ((hash[bit >> 3]! >> (7 - (bit & 7))) & 1) {
			for (let word = 0; word < 4; word += 1) sum[word]! ^= power[word]!;
		}
		const carry = power[3]! & 1;
		for (let word = 3; word > 0; word -= 1) power[word] = (power[word]! >>> 1) | (power[word - 1]! << 31);
		power[0] = (power[0]! >>> 1) ^ (carry ? 0xe1000000 : 0);
	}
	for (let word = 0; word < 4; word += 1) new DataView(hash.buffer).setInt32(word * 4, sum[word]!);
}
