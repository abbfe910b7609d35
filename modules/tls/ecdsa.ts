/**
 * Verifies ECDSA (FIPS 186-5 section 6.4.2) on P-256 and P-384. Whatever the numbers are, it ends: every loop runs over the bits
 * of the order or over a remainder that shrinks. What is verified is public, so that time may depend on it.
 */
import { toBigInt } from "./bytes.js";
import { add, type Curve, createInfinity, double, isOnCurve, type Point } from "./curve.js";
import { close, enter, hasFailed, openDer, readInteger, sequence } from "./der.js";

/** Bits that are taken out of a factor at a time. */
const word = 16;

export interface EcdsaKey {
	readonly curve: Curve;
	readonly x: bigint;
	readonly y: bigint;
}

export interface EcdsaSignature {
	readonly r: bigint;
	readonly s: bigint;
}

/** `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3) in DER with nothing after it, or null. */
export function readEcdsaSignature(bytes: Uint8Array): EcdsaSignature | null {
	const der = openDer(bytes);
	const numbers = enter(der, sequence);
	const r = readInteger(numbers);
	const s = readInteger(numbers);
	close(numbers);
	close(der);
	return hasFailed(der) ? null : { r, s };
}

/**
 * Whether `signature` is one of `digest` with the key. False as well for r or s out of 1 to n − 1, and for a key that is not on
 * its curve. Costs about 4 200 multiplications modulo p on P-256.
 */
export function verifyEcdsa(key: EcdsaKey, digest: Uint8Array, { r, s }: EcdsaSignature): boolean {
	const { curve } = key;
	const { n, p, size } = curve;
	if (r < 1n || r >= n || s < 1n || s >= n || !isOnCurve(curve, key.x, key.y)) return false;
	// The leftmost bits of the hash, as many as the order has.
	const e = toBigInt(digest, 0, Math.min(digest.length, size));
	const w = invert(s, n);
	const { x, z } = multiplyTwo(curve, (e * w) % n, (r * w) % n, key);
	if (z === 0n) return false;
	// x/z² is r or r + n modulo p, compared without a division.
	const z2 = (z * z) % p;
	return (r * z2 - x) % p === 0n || (r + n < p && ((r + n) * z2 - x) % p === 0n);
}

/** The inverse of `value` modulo the prime `n`, for 1 ≤ value < n: Euclid's algorithm, whose remainder shrinks each turn. */
function invert(value: bigint, n: bigint): bigint {
	let high = n;
	let low = value;
	let above = 0n;
	let factor = 1n;
	while (low > 0n) {
		const quotient = high / low;
		const rest = high - quotient * low;
		const next = above - quotient * factor;
		high = low;
		low = rest;
		above = factor;
		factor = next;
	}
	return above < 0n ? above + n : above;
}

/** u·G + v·Q, two bits of both at a time: the table holds i·G + j·Q at 4i + j. */
function multiplyTwo(curve: Curve, u: bigint, v: bigint, key: EcdsaKey): Point {
	const base: Point = { x: curve.x, y: curve.y, z: 1n };
	const point: Point = { x: key.x, y: key.y, z: 1n };
	const table = [createInfinity(), point, double(curve, point)];
	table.push(add(curve, table[2], point));
	for (let at = 4; at < 16; at += 1) table.push(add(curve, table[at - 4], base));
	let sum = table[0];
	for (let at = 8 * curve.size - word; at >= 0; at -= word) {
		const left = Number(BigInt.asUintN(word, u >> BigInt(at)));
		const right = Number(BigInt.asUintN(word, v >> BigInt(at)));
		for (let shift = word - 2; shift >= 0; shift -= 2) {
			const index = ((left >> shift) & 3) * 4 + ((right >> shift) & 3);
			sum = add(curve, double(curve, double(curve, sum)), table[index]);
		}
	}
	return sum;
}
