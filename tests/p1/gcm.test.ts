/** Tests of `modules/p1/gcm.ts` and `gateway/cipher.ts`. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createNodeCipher } from "../../gateway/cipher.js";
import { applyKeystream, type Cipher, createGcm, open } from "../../modules/p1/gcm.js";
import { type GcmCase, joinBytes, loadNistCases } from "../support/vectors.js";

/** Ciphertext and tag in the middle of a larger array whose start is not aligned, as in the firmware's buffer. */
interface Placed {
	bytes: Uint8Array;
	start: number;
	end: number;
}

function place(ciphertext: Uint8Array, tag: Uint8Array, before = 5, after = 3): Placed {
	const whole = joinBytes(new Uint8Array(before + 3).fill(0xa5), ciphertext, tag, new Uint8Array(after).fill(0x5a));
	return { bytes: whole.subarray(3), start: before, end: before + ciphertext.length };
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

function createPlainCipher(key: Uint8Array): Cipher {
	const gcm = createGcm(key);
	return {
		open: (...parameters) => open(gcm, ...parameters),
		applyKeystream: (nonce, bytes, start, end) => applyKeystream(gcm, nonce, bytes, start, end),
	};
}

const ciphers = [
	["aes-js", createPlainCipher],
	["node:crypto", createNodeCipher],
] as const;

describe.each(ciphers)("%s", (_name, createCipher) => {
	/** What `open` leaves behind, and whether everything around the text is as it was. */
	function openPlaced(entry: Omit<GcmCase, "plaintext">, before = 5): { opened: boolean; text: string; rest: boolean } {
		const { bytes, start, end } = place(entry.ciphertext, entry.tag, before);
		const original = bytes.slice();
		const gcm = createCipher(entry.key);
		const opened = gcm.open(entry.initialVector, entry.additionalData, bytes, start, end, entry.tag.length);
		const rest =
			hex(bytes.subarray(0, start)) === hex(original.subarray(0, start)) &&
			hex(bytes.subarray(end)) === hex(original.subarray(end));
		return { opened, text: hex(bytes.subarray(start, end)), rest };
	}

	describe("NIST gcmDecrypt128", () => {
		const cases = loadNistCases();

		test("there are 750 cases, some of each kind", () => {
			expect(cases).toHaveLength(750);
			const refused = cases.filter(entry => entry.plaintext === null).length;
			expect(refused).toBeGreaterThan(100);
			expect(refused).toBeLessThan(650);
			expect(new Set(cases.map(entry => entry.tag.length))).toEqual(new Set([12, 16]));
		});

		test("every case", () => {
			for (const [index, entry] of cases.entries()) {
				const expected = {
					opened: entry.plaintext !== null,
					text: hex(entry.plaintext ?? entry.ciphertext),
					rest: true,
				};
				expect(openPlaced(entry, index % 20), `case ${index}`).toEqual(expected);
			}
		});
	});

	const byteArray = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength, size: "max" });
	/** Lengths around whole blocks are as likely as long ones. */
	const text = fc.oneof(byteArray(0, 70), byteArray(0, 4096));
	const sealed = fc.record({
		key: byteArray(16, 16),
		nonce: fc.oneof(byteArray(12, 12), byteArray(1, 40)),
		additional: byteArray(0, 70),
		plaintext: text,
		tagLength: fc.integer({ min: 12, max: 16 }),
	});

	function sealGcm(
		key: Uint8Array,
		nonce: Uint8Array,
		additional: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	) {
		const cipher = createCipheriv("aes-128-gcm", key, nonce, { authTagLength: tagLength });
		cipher.setAAD(additional);
		const ciphertext = joinBytes(cipher.update(plaintext), cipher.final());
		return { ciphertext, tag: Uint8Array.from(cipher.getAuthTag()) };
	}

	describe("against node:crypto", () => {
		test("opens what node:crypto sealed", () => {
			fc.assert(
				fc.property(sealed, fc.nat(33), ({ key, nonce, additional, plaintext, tagLength }, before) => {
					const { ciphertext, tag } = sealGcm(key, nonce, additional, plaintext, tagLength);
					const outcome = openPlaced(
						{ key, initialVector: nonce, additionalData: additional, ciphertext, tag },
						before,
					);
					expect(outcome).toEqual({ opened: true, text: hex(plaintext), rest: true });
				}),
				{ numRuns: 500 },
			);
		});

		test("refuses one flipped bit anywhere, and changes nothing", () => {
			const parts = ["key", "nonce", "additional", "ciphertext", "tag"] as const;
			fc.assert(
				fc.property(sealed, fc.constantFrom(...parts), fc.nat(), (entry, part, position) => {
					const { ciphertext, tag } = sealGcm(
						entry.key,
						entry.nonce,
						entry.additional,
						entry.plaintext,
						entry.tagLength,
					);
					const changed = { ...entry, ciphertext, tag };
					const bytes = changed[part].slice();
					fc.pre(bytes.length > 0);
					const bit = position % (8 * bytes.length);
					bytes[bit >> 3]! ^= 1 << (bit & 7);
					changed[part] = bytes;
					const outcome = openPlaced({ ...changed, initialVector: changed.nonce, additionalData: changed.additional });
					expect(outcome).toEqual({ opened: false, text: hex(changed.ciphertext), rest: true });
				}),
				{ numRuns: 500 },
			);
		});

		test("every bit of tags of every length counts", () => {
			const key = new Uint8Array(16).fill(7);
			const nonce = new Uint8Array(12).fill(9);
			const additional = new Uint8Array(17).fill(1);
			const gcm = createCipher(key);
			for (let tagLength = 12; tagLength <= 16; tagLength += 1) {
				const { ciphertext, tag } = sealGcm(key, nonce, additional, new Uint8Array(37).fill(65), tagLength);
				for (let bit = 0; bit < 8 * tagLength; bit += 1) {
					const { bytes, start, end } = place(ciphertext, tag);
					bytes[end + (bit >> 3)]! ^= 1 << (bit & 7);
					const before = hex(bytes);
					expect(gcm.open(nonce, additional, bytes, start, end, tagLength), `bit ${bit} of ${tagLength} bytes`).toBe(
						false,
					);
					expect(hex(bytes)).toBe(before);
				}
				const { bytes, start, end } = place(ciphertext, tag);
				expect(gcm.open(nonce, additional, bytes, start, end, tagLength)).toBe(true);
			}
		});

		test("one key opens frame after frame, whatever came before", () => {
			fc.assert(
				fc.property(byteArray(16, 16), fc.array(fc.tuple(sealed, fc.nat(2)), { maxLength: 8 }), (key, steps) => {
					const gcm = createCipher(key);
					for (const [{ nonce, additional, plaintext, tagLength }, kind] of steps) {
						const { ciphertext, tag } = sealGcm(key, nonce, additional, plaintext, tagLength);
						const { bytes, start, end } = place(ciphertext, tag);
						if (kind === 2) gcm.applyKeystream(nonce, bytes, start, end);
						else {
							if (kind === 1) bytes[end]! ^= 1;
							expect(gcm.open(nonce, additional, bytes, start, end, tagLength)).toBe(kind === 0);
						}
						expect(hex(bytes.subarray(start, end))).toBe(hex(kind === 1 ? ciphertext : plaintext));
					}
				}),
				{ numRuns: 60 },
			);
		});

		test("the key stream alone is counter mode from block 2, and restores what it is applied to twice", () => {
			fc.assert(
				fc.property(byteArray(16, 16), byteArray(12, 12), text, (key, nonce, plaintext) => {
					const counter = joinBytes(nonce, Uint8Array.of(0, 0, 0, 2));
					const cipher = createCipheriv("aes-128-ctr", key, counter);
					const { bytes, start, end } = place(plaintext, new Uint8Array(12));
					const before = hex(bytes);
					const gcm = createCipher(key);
					gcm.applyKeystream(nonce, bytes, start, end);
					expect(hex(bytes.subarray(start, end))).toBe(hex(joinBytes(cipher.update(plaintext), cipher.final())));
					gcm.applyKeystream(nonce, bytes, start, end);
					expect(hex(bytes)).toBe(before);
				}),
				{ numRuns: 200 },
			);
		});
	});

	/** A product in GCM's field (SP 800-38D, 6.3), on numbers whose top bit is the coefficient of x^0. */
	function multiply(left: bigint, right: bigint): bigint {
		let product = 0n;
		let power = right;
		for (let bit = 127n; bit >= 0n; bit -= 1n) {
			if ((left >> bit) & 1n) product ^= power;
			power = power & 1n ? (power >> 1n) ^ (0xe1n << 120n) : power >> 1n;
		}
		return product;
	}

	/** The inverse: the power 2^128 - 2. */
	function invert(value: bigint): bigint {
		let result = 1n << 127n;
		let power = value;
		for (let bit = 1; bit < 128; bit += 1) {
			power = multiply(power, power);
			result = multiply(result, power);
		}
		return result;
	}

	test("the counter wraps within its 32 bits", () => {
		const key = Uint8Array.from({ length: 16 }, (_, at) => 17 * at);
		const cipher = createCipheriv("aes-128-ecb", key, null);
		const hashKey = BigInt(`0x${cipher.update(new Uint8Array(16)).toString("hex")}`);
		expect(multiply(hashKey, invert(hashKey))).toBe(1n << 127n);
		// The 16-byte nonce whose first counter block ends in FFFFFFFD: solved from GHASH's definition.
		const first = 0x0123456789abcdef01234567fffffffdn;
		const inverse = invert(hashKey);
		const nonce = Buffer.from(
			multiply(multiply(first, inverse) ^ 128n, inverse)
				.toString(16)
				.padStart(32, "0"),
			"hex",
		);
		const plaintext = new Uint8Array(100).fill(0x41);
		const { ciphertext, tag } = sealGcm(key, nonce, new Uint8Array(17), plaintext, 12);
		const counterMode = createDecipheriv("aes-128-ctr", key, Buffer.from("0123456789abcdef01234567fffffffe", "hex"));
		expect(hex(counterMode.update(ciphertext)).slice(0, 64)).toBe(hex(plaintext).slice(0, 64));
		const entry = { key, initialVector: nonce, additionalData: new Uint8Array(17), ciphertext, tag };
		expect(openPlaced(entry)).toEqual({ opened: true, text: hex(plaintext), rest: true });
	});

	describe("our mistakes throw", () => {
		test.each([0, 15, 17, 24, 32])("a key of %i bytes", length => {
			expect(() => createCipher(new Uint8Array(length))).toThrow(String(length));
		});

		test.each([0, 4, 11, 17, Number.NaN])("a tag of %d bytes", tagLength => {
			const gcm = createCipher(new Uint8Array(16));
			expect(() => gcm.open(new Uint8Array(12), new Uint8Array(0), new Uint8Array(64), 0, 20, tagLength)).toThrow(
				RangeError,
			);
		});

		test("a tag outside the bytes, an empty nonce", () => {
			const gcm = createCipher(new Uint8Array(16));
			expect(() => gcm.open(new Uint8Array(12), new Uint8Array(0), new Uint8Array(31), 0, 20, 12)).toThrow(RangeError);
			expect(() => gcm.open(new Uint8Array(0), new Uint8Array(0), new Uint8Array(32), 0, 20, 12)).toThrow(RangeError);
		});
	});
});
