/** Reads public keys out of certificates: SubjectPublicKeyInfo of RFC 5280 section 4.1.2.7, RFC 3279 and RFC 5480. */
import { toBigInt } from "./bytes.js";
import { type Curve, isOnCurve, p256, p384 } from "./curve.js";
import {
	close,
	type Der,
	enter,
	enterBitString,
	hasFailed,
	nothing,
	openDer,
	readIdentifier,
	readInteger,
	readRest,
	readUnsigned,
	sequence,
} from "./der.js";
import type { EcdsaKey } from "./ecdsa.js";
import { reasons } from "./reasons.js";
import type { RsaKey } from "./rsa.js";

export type PublicKey = ({ readonly kind: "rsa" } & RsaKey) | ({ readonly kind: "ecdsa" } & EcdsaKey);

const rsaEncryption = "2a864886f70d010101";
const ecPublicKey = "2a8648ce3d0201";
const curves = Object.freeze(
	[
		{ identifier: "2a8648ce3d030107", curve: p256 },
		{ identifier: "2b81040022", curve: p384 },
	],
	true,
);

const smallestModulus = 1n << 2047n;
const largestModulus = 1n << 4096n;
/** With 3, a check of the padding that is not exact can be fooled (the session's is not); larger ones only cost time. */
const smallestExponent = 65_537n;
const largestExponent = 0xffff_ffffn;

/** The key of a SubjectPublicKeyInfo in DER, or the reason why it is refused. */
export function readPublicKey(info: Uint8Array): PublicKey | string {
	const der = openDer(info);
	const fields = enter(der, sequence);
	close(der);
	const algorithm = enter(fields, sequence);
	const identifier = readIdentifier(algorithm);
	if (identifier === rsaEncryption) {
		close(enter(algorithm, nothing));
		close(algorithm);
		const bits = enterBitString(fields);
		close(fields);
		return readRsaKey(bits);
	}
	if (identifier === ecPublicKey) {
		const name = readIdentifier(algorithm);
		close(algorithm);
		const bits = enterBitString(fields);
		close(fields);
		if (hasFailed(der)) return reasons.malformedCertificate;
		const entry = curves.find(candidate => candidate.identifier === name);
		return entry === undefined ? reasons.keyKind : readPoint(readRest(bits), entry.curve);
	}
	return hasFailed(der) ? reasons.malformedCertificate : reasons.keyKind;
}

/** RSAPublicKey of RFC 8017 appendix A.1.1. */
function readRsaKey(bits: Der): PublicKey | string {
	const fields = enter(bits, sequence);
	close(bits);
	const bytes = readUnsigned(fields);
	const modulus = toBigInt(bytes);
	const exponent = readInteger(fields);
	close(fields);
	if (hasFailed(bits)) return reasons.malformedCertificate;
	if (modulus < smallestModulus || modulus >= largestModulus) return reasons.keySize;
	if (modulus % 2n === 0n) return reasons.malformedCertificate;
	if (exponent < smallestExponent || exponent > largestExponent || exponent % 2n === 0n) return reasons.keyExponent;
	return { kind: "rsa", modulus, exponent, size: bytes.length };
}

/** An uncompressed point (SEC 1 section 2.3.4). */
function readPoint(bytes: Uint8Array, curve: Curve): PublicKey | string {
	const point = decodePoint(bytes, curve);
	return point === null ? reasons.keyPoint : { kind: "ecdsa", ...point };
}

/** The point that `bytes` are in uncompressed form, or null for any other form and for a point that is not on the curve. */
export function decodePoint(bytes: Uint8Array, curve: Curve): EcdsaKey | null {
	const { size } = curve;
	if (bytes.length !== 1 + 2 * size || bytes[0] !== 4) return null;
	const x = toBigInt(bytes, 1, 1 + size);
	const y = toBigInt(bytes, 1 + size);
	return isOnCurve(curve, x, y) ? { curve, x, y } : null;
}
