import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeMac, createBlockCipher } from "../../modules/lorawan/cmac.js";
import { hex, toHex } from "./hex.js";

const key = hex("2b7e1516 28aed2a6 abf71588 09cf4f3c");
const message = hex(
	"6bc1bee2 2e409f96 e93d7e11 7393172a ae2d8a57 1e03ac9c 9eb76fac 45af8e51 30c81c46 a35ce411 e5fbc119 1a0a52ef f69f2445 df4f9b17 ad2b417b e66c3710",
);

describe("AES-CMAC", () => {
	test.each([
		[0, "bb1d6929e95937287fa37d129b756746"],
		[16, "070a16b46b4d4144f79bdd9dd04a287c"],
		[40, "dfa66747de9ae63030ca32611497c827"],
		[64, "51f0bebf7e3b9d92fc49741779363cfe"],
	])("has the MAC of RFC 4493, section 4, for %i bytes", (length, mac) => {
		const cipher = createBlockCipher(key);
		expect(toHex(computeMac(cipher, null, message, 0, length))).toBe(mac);
		// The same where the first block comes from elsewhere.
		if (length <= 16) return;
		expect(toHex(computeMac(cipher, Array.from(message.subarray(0, 16)), message, 16, length))).toBe(mac);
	});

	test("is what OpenSSL's AES makes of the definition, for any key and length", () => {
		const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
		fc.assert(
			fc.property(bytes, fc.uint8Array({ maxLength: 100 }), fc.nat(20), (anyKey, text, start) => {
				const at = Math.min(start, text.length);
				const mac = computeMac(createBlockCipher(anyKey), null, text, at, text.length);
				expect(toHex(mac)).toBe(Buffer.from(reference(anyKey, text.subarray(at))).toString("hex"));
			}),
		);
	});

	test("keys of another length throw", () => {
		expect(() => createBlockCipher(new Uint8Array(15))).toThrow("AES-128 needs a key of 16 bytes, not 15");
	});

	test("a first block with nothing after it throws", () => {
		expect(() => computeMac(createBlockCipher(key), new Array(16).fill(0), message, 3, 3)).toThrow("a MAC of nothing");
	});
});

/** CBC with a zero vector over the text, whose last block is masked: RFC 4493, 2.4, in numbers of 128 bits. */
function reference(anyKey: Uint8Array, text: Uint8Array): Uint8Array {
	const encrypt = (block: Uint8Array): Buffer => {
		const cipher = createCipheriv("aes-128-cbc", anyKey, new Uint8Array(16)).setAutoPadding(false);
		return cipher.update(block).subarray(-16);
	};
	const double = (value: bigint): bigint => ((value << 1n) ^ (value >> 127n ? 0x87n : 0n)) & ((1n << 128n) - 1n);
	const toNumber = (block: Uint8Array): bigint => BigInt(`0x${toHex(block)}`);
	const isWhole = text.length > 0 && text.length % 16 === 0;
	const once = double(toNumber(encrypt(new Uint8Array(16))));
	const padded = new Uint8Array(isWhole ? text.length : (Math.floor(text.length / 16) + 1) * 16);
	padded.set(text);
	if (!isWhole) padded[text.length] = 0x80;
	const last = toNumber(padded.subarray(-16)) ^ (isWhole ? once : double(once));
	padded.set(hex(last.toString(16).padStart(32, "0")), padded.length - 16);
	return encrypt(padded);
}
