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

/** SP 800-38D, algorithm 1, with both factors and the product in signed words, as whoever knows XS a little would write it. */
function multiply(hash: Uint8Array, subkey: Uint8Array): void {
	const view = new DataView(subkey.buffer, subkey.byteOffset);
	const product = new DataView(hash.buffer);
	let a = view.getInt32(0);
	let b = view.getInt32(4);
	let c = view.getInt32(8);
	let d = view.getInt32(12);
	let e = 0;
	let f = 0;
	let g = 0;
	let h = 0;
	for (let at = 0; at < 16; at += 4) {
		const word = product.getInt32(at);
		for (let bit = 31; bit >= 0; bit -= 1) {
			if ((word >> bit) & 1) {
				e ^= a;
				f ^= b;
				g ^= c;
				h ^= d;
			}
			const carry = d & 1;
			d = ((d >> 1) & 0x7fffffff) | (c << 31);
			c = ((c >> 1) & 0x7fffffff) | (b << 31);
			b = ((b >> 1) & 0x7fffffff) | (a << 31);
			a = ((a >> 1) & 0x7fffffff) ^ (carry ? 0xe1000000 | 0 : 0);
		}
	}
	product.setInt32(0, e);
	product.setInt32(4, f);
	product.setInt32(8, g);
	product.setInt32(12, h);
}
