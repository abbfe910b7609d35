/**
 * Signatures of P-256 in the form of IEEE P1363, at the edges of what they can be. They are made with scalars that are known, so that
 * numbers are chosen that no signer draws; what is a signature is said by node:crypto, which is OpenSSL.
 */
import { createECDH, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { toBigInt } from "../../modules/tls/bytes.js";
import { p256 } from "../../modules/tls/curve.js";
import { verifyEcdsa } from "../../modules/tls/ecdsa.js";
import { headerLength, judgeHeader, signedLength } from "../../modules/update/header.js";
import { createImage, createProgram, flashByCable, sectors } from "../../simulator/world/board/slots.js";
import { createChance } from "../support/chance.js";
import { createFakeFlash } from "../support/fake-flash.js";
import { createUpdate } from "./updates.js";

const { n } = p256;
const digits = (number: bigint) => number.toString(16).padStart(64, "0");
const bytes32 = (number: bigint) => Buffer.from(digits(number), "hex");

/** Modulo n, for numbers that have no factor in common with it. */
function invert(number: bigint): bigint {
	let result = 1n;
	let base = ((number % n) + n) % n;
	for (let power = n - 2n; power > 0n; power >>= 1n) {
		if (power & 1n) result = (result * base) % n;
		base = (base * base) % n;
	}
	return result;
}

/** The point that is `scalar` times the generator, by OpenSSL. */
function multiply(scalar: bigint): { x: bigint; y: bigint } {
	const ecdh = createECDH("prime256v1");
	ecdh.setPrivateKey(bytes32(scalar));
	const point = ecdh.getPublicKey();
	return { x: toBigInt(new Uint8Array(point.subarray(1, 33))), y: toBigInt(new Uint8Array(point.subarray(33))) };
}

function toKeyObject({ x, y }: { x: bigint; y: bigint }): KeyObject {
	const encode = (number: bigint) => bytes32(number).toString("base64url");
	return createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: encode(x), y: encode(y) } });
}

/** With the secret `d`, the number `k` that is used once, and the hash as a number (FIPS 186-5, 6.4.1). */
function signWith(d: bigint, k: bigint, hash: bigint): { r: bigint; s: bigint } {
	const r = multiply(k).x % n;
	return { r, s: (invert(k) * (hash + r * d)) % n };
}

const random = toBigInt(new Uint8Array(createHash("sha256").update("a secret").digest())) % n;
const secrets = [1n, 2n, n - 1n, n - 2n, (n + 1n) / 2n, random];
const once = [1n, 2n, 3n, n - 1n, n - 2n, (n - 1n) / 2n, random + 1n];
const message = Buffer.from("readings of a house");
const digest = new Uint8Array(createHash("sha256").update(message).digest());

/** Whether it is one, by OpenSSL. */
function ask(key: KeyObject, r: bigint, s: bigint): boolean {
	const signature = Buffer.concat([bytes32(r), bytes32(s)]);
	return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

describe.each(secrets.map((secret, at) => [at, secret] as const))("with secret %i of the edge", (_, secret) => {
	const point = multiply(secret);
	const key = { curve: p256, ...point };

	test("a signature is one, and what differs from it is what OpenSSL says", () => {
		const object = toKeyObject(point);
		for (const k of once) {
			const { r, s } = signWith(secret, k, toBigInt(digest) % n);
			expect(ask(object, r, s)).toBe(true);
			expect(verifyEcdsa(key, digest, { r, s }), `${k}`).toBe(true);
			for (const [otherR, otherS] of [
				[r, n - s],
				[n - r, s],
				[s, r],
				[r ^ 1n, s],
				[r, s ^ 1n],
				[r, invert(s)],
				[(r * 2n) % n, (s * 2n) % n],
			] as const)
				expect(verifyEcdsa(key, digest, { r: otherR, s: otherS })).toBe(ask(object, otherR, otherS));
		}
	});
});

test("where both multiples are one point, or one and its opposite, sums are right", () => {
	const point = multiply(random);
	const key = { curve: p256, ...point };
	for (const k of once) {
		const r = multiply(k).x % n;
		// u1·G and u2·Q are equal: the hash is r·d.
		const hash = (r * random) % n;
		const s = (invert(k) * 2n * hash) % n;
		expect(verifyEcdsa(key, new Uint8Array(bytes32(hash)), { r, s })).toBe(true);
		// Their sum is no point: no signature.
		const opposite = new Uint8Array(bytes32(n - hash));
		expect(verifyEcdsa(key, opposite, { r, s })).toBe(false);
		expect(verifyEcdsa(key, opposite, { r, s: 1n })).toBe(false);
	}
});

test("hashes of zero, of the order and its neighbours, and of all ones count as numbers modulo the order", () => {
	const key = { curve: p256, ...multiply(random) };
	for (const hash of [0n, 1n, n - 1n, n, n + 1n, 2n ** 256n - 1n]) {
		const { r, s } = signWith(random, 7n, hash % n);
		expect(verifyEcdsa(key, new Uint8Array(bytes32(hash)), { r, s }), digits(hash)).toBe(true);
		expect(verifyEcdsa(key, new Uint8Array(bytes32(hash ^ 2n)), { r, s }), digits(hash)).toBe(false);
	}
});

test("numbers with zeros in front keep their places in the header", () => {
	const image = createImage(new Uint8Array(100));
	const slots = flashByCable(createFakeFlash(sectors, createChance(1)), image);
	const { x, y } = multiply(random);
	const program = createProgram(slots, [digits(x) + digits(y)], 1);
	let short = 0;
	for (let k = 2n; k < 700n && short < 3; k += 1n) {
		const update = createUpdate(image);
		const hash = toBigInt(new Uint8Array(createHash("sha256").update(update.subarray(0, signedLength)).digest()));
		const { r, s } = signWith(random, k, hash % n);
		if (r >> 248n !== 0n && s >> 248n !== 0n) continue;
		short += 1;
		update.set(bytes32(r), signedLength);
		update.set(bytes32(s), signedLength + 32);
		expect(judgeHeader(update.slice(0, headerLength), update.length, program)).toMatchObject({ version: "0.2.0" });
	}
	expect(short).toBe(3);
});
