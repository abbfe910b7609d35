/**
 * The curves P-256 and P-384 (NIST SP 800-186 section 3.2.1): y² = x³ − 3x + b modulo p, and their points.
 *
 * In XS a BigInt in flash, which is one of a preloaded module's constants, is never `===` one that was made later, though it
 * compares with `<` and counts as it should. So nothing here compares such a constant with `===`.
 */
export interface Curve {
	readonly name: "P-256" | "P-384";
	/** Bytes of a coordinate, and of a number modulo the order. */
	readonly size: number;
	readonly p: bigint;
	readonly b: bigint;
	/** The order of the base point, a prime. */
	readonly n: bigint;
	/** The base point. */
	readonly x: bigint;
	readonly y: bigint;
}

export const p256: Curve = Object.freeze({
	name: "P-256",
	size: 32,
	p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
	b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
	n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
	x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
	y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
});

export const p384: Curve = Object.freeze({
	name: "P-384",
	size: 48,
	p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
	b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
	n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
	x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
	y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
});

/** Whether both coordinates are less than p and solve the curve's equation. The order is prime: no point is of small order. */
export function isOnCurve(curve: Curve, x: bigint, y: bigint): boolean {
	const { p, b } = curve;
	if (x < 0n || x >= p || y < 0n || y >= p) return false;
	return (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}

/** Jacobian coordinates: x/z² and y/z³; the point at infinity has a z of 0. */
export interface Point {
	readonly x: bigint;
	readonly y: bigint;
	readonly z: bigint;
}

/** Not a constant: its z would not be `0n` in XS. */
export function createInfinity(): Point {
	return { x: 1n, y: 1n, z: 0n };
}

/** 2·P. A remainder may be negative; it is congruent all the same, and as short. */
export function double({ p }: Curve, { x, y, z }: Point): Point {
	if (z === 0n) return createInfinity();
	const delta = (z * z) % p;
	const gamma = (y * y) % p;
	const beta = (x * gamma) % p;
	const alpha = (3n * (x - delta) * (x + delta)) % p;
	const x3 = (alpha * alpha - 8n * beta) % p;
	return { x: x3, y: (alpha * (4n * beta - x3) - 8n * gamma * gamma) % p, z: (2n * y * z) % p };
}

/** P + Q, for any two points. */
export function add(curve: Curve, left: Point, right: Point): Point {
	if (left.z === 0n) return right;
	if (right.z === 0n) return left;
	const { p } = curve;
	const leftZ2 = (left.z * left.z) % p;
	const rightZ2 = (right.z * right.z) % p;
	const u = (left.x * rightZ2) % p;
	const s = (left.y * ((right.z * rightZ2) % p)) % p;
	const h = (right.x * leftZ2 - u) % p;
	const r = (right.y * ((left.z * leftZ2) % p) - s) % p;
	if (h === 0n) return r === 0n ? double(curve, left) : createInfinity();
	const h2 = (h * h) % p;
	const h3 = (h * h2) % p;
	const v = (u * h2) % p;
	const x = (r * r - h3 - 2n * v) % p;
	return { x, y: (r * (v - x) - s * h3) % p, z: (((left.z * right.z) % p) * h) % p };
}
