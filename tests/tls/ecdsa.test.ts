/** Tests of `modules/tls/ecdsa.ts`. */
import { createHash, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toBigInt } from "../../modules/tls/bytes.js";
import { add, type Curve, createInfinity, double, isOnCurve, p256, p384 } from "../../modules/tls/curve.js";
import { type EcdsaKey, readEcdsaSignature, verifyEcdsa } from "../../modules/tls/ecdsa.js";
import { type Keys, makeEcKeys } from "../../tools/tls/certificates.js";
import { ecdsaSignature, integer, sequence } from "../../tools/tls/der.js";
import { createChance } from "../support/chance.js";

const message = Buffer.from("readings of a house");

function toKey(keys: Keys, curve: Curve): EcdsaKey {
	const { x, y } = keys.publicKey.export({ format: "jwk" });
	return { curve, x: toBigInt(Buffer.from(x!, "base64url")), y: toBigInt(Buffer.from(y!, "base64url")) };
}

function hash(name: string, bytes: Uint8Array): Uint8Array {
	return new Uint8Array(createHash(name).update(bytes).digest());
}

const cases = [
	["prime256v1", p256, "sha256"],
	["prime256v1", p256, "sha384"],
	["prime256v1", p256, "sha512"],
	["secp384r1", p384, "sha256"],
	["secp384r1", p384, "sha384"],
	["secp384r1", p384, "sha512"],
] as const;

describe.each(cases)("ECDSA on %s", (name, curve, hashName) => {
	it(`verifies what Node signs (${hashName}), and nothing that differs in one bit`, () => {
		const keys = makeEcKeys(name);
		const key = toKey(keys, curve);
		for (let round = 0; round < 4; round += 1) {
			const text = Buffer.concat([message, Uint8Array.of(round)]);
			const digest = hash(hashName, text);
			const signature = readEcdsaSignature(sign(hashName, text, keys.privateKey))!;
			expect(verifyEcdsa(key, digest, signature)).toBe(true);
			const other = digest.slice();
			other[round]! ^= 1;
			expect(verifyEcdsa(key, other, signature)).toBe(false);
			expect(verifyEcdsa(key, digest, { ...signature, s: signature.s ^ 1n })).toBe(false);
			expect(verifyEcdsa(key, digest, { ...signature, r: signature.r ^ 1n })).toBe(false);
		}
	});
});

describe.each([
	["P-256", p256, "prime256v1"],
	["P-384", p384, "secp384r1"],
] as const)("on %s", (_name, curve, openssl) => {
	const keys = makeEcKeys(openssl);
	const key = toKey(keys, curve);
	const digest = hash("sha256", message);
	const { r, s } = readEcdsaSignature(sign("sha256", message, keys.privateKey))!;
	const { n, p } = curve;

	it.each([
		["r = 0", 0n, s],
		["s = 0", r, 0n],
		["both 0", 0n, 0n],
		["r = n", n, s],
		["s = n", r, n],
		["s = 2n", r, 2n * n],
		["r + n", r + n, s],
		["s + n", r, s + n],
		["r = 1, s = 1", 1n, 1n],
		["r = n − 1, s = n − 1", n - 1n, n - 1n],
		["r = p", p, s],
		["negative s", r, -s],
	])("%s is refused, and it ends", (_case, wrongR, wrongS) => {
		expect(verifyEcdsa(key, digest, { r: wrongR, s: wrongS })).toBe(false);
	});

	it("the other of the two signatures with r is one too: n − s", () => {
		expect(verifyEcdsa(key, digest, { r, s: n - s })).toBe(true);
	});

	it("a key that is not on the curve, or is no pair of coordinates, is refused", () => {
		for (const [x, y] of [
			[key.x, key.y + 1n],
			[0n, 0n],
			[key.x + p, key.y],
			[key.x, key.y - p],
			[-key.x, key.y],
		] as const)
			expect(verifyEcdsa({ curve, x, y }, digest, { r, s })).toBe(false);
	});

	it("a digest of only zeros is a number like any other", () => {
		expect(verifyEcdsa(key, new Uint8Array(32), { r, s })).toBe(false);
		expect(verifyEcdsa(key, new Uint8Array(0), { r, s })).toBe(false);
	});

	it("a signature that leads to the point at infinity is refused", () => {
		// With Q = G: u + v = 0 modulo n when e = −r.
		const base = { curve, x: curve.x, y: curve.y };
		const e = n - r;
		const bytes = Buffer.from(e.toString(16).padStart(2 * curve.size, "0"), "hex");
		expect(verifyEcdsa(base, bytes, { r, s })).toBe(false);
	});

	it("the key may be the base point, its double or its opposite: additions meet equal points", () => {
		const base = { x: curve.x, y: curve.y, z: 1n };
		expect(isOnCurve(curve, base.x, base.y)).toBe(true);
		const opposite = { ...base, y: p - base.y };
		expect(add(curve, base, opposite).z).toBe(0n);
		expect(add(curve, createInfinity(), base)).toEqual(base);
		expect(add(curve, base, createInfinity())).toEqual(base);
		expect(double(curve, createInfinity()).z).toBe(0n);
		const sum = add(curve, base, base);
		const twice = double(curve, base);
		expect((sum.x * twice.z * twice.z - twice.x * sum.z * sum.z) % p).toBe(0n);
		// d = 1: s = (e + r)/k with k = 1, r = the x of G.
		const value = curve.x % n;
		const e = toBigInt(digest);
		const signature = { r: value, s: (e + value) % n };
		expect(verifyEcdsa({ curve, x: base.x, y: base.y }, digest, signature)).toBe(true);
		// d = n − 1.
		const negative = { r: value, s: (((e - value) % n) + n) % n };
		expect(verifyEcdsa({ curve, x: base.x, y: opposite.y }, digest, negative)).toBe(true);
	});
});

describe("a signature in DER", () => {
	const right = ecdsaSignature(5n, 0x80n);
	it("is read", () => expect(readEcdsaSignature(right)).toEqual({ r: 5n, s: 0x80n }));

	it.each([
		["empty", Buffer.alloc(0)],
		["with a byte after it", Buffer.concat([right, Uint8Array.of(0)])],
		["with a third number", sequence(integer(1), integer(2), integer(3))],
		["with one number", sequence(integer(1))],
		["a negative number", Buffer.from("3006020180020101", "hex")],
		["a number with a zero too many", Buffer.from("300702020001020101", "hex")],
		["a number without bytes", Buffer.from("300502000201 01".replace(" ", ""), "hex")],
		["a length that is longer than it needs to be", Buffer.from("308106020101020101", "hex")],
		["an indefinite length", Buffer.from("30800201010201010000", "hex")],
	])("%s is refused", (_case, bytes) => expect(readEcdsaSignature(bytes)).toBeNull());

	it("is refused when it is cut anywhere", () => {
		for (let end = 0; end < right.length; end += 1) expect(readEcdsaSignature(right.subarray(0, end))).toBeNull();
	});

	it("never throws", () => {
		const chance = createChance(14);
		for (let round = 0; round < 2000; round += 1) readEcdsaSignature(chance.bytes(chance.integer(0, 80)));
	});
});
