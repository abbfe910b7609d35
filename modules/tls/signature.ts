/** Signature algorithms of certificates and of key exchanges: RFC 8017 and RFC 5758 over SHA-2. */
import type { Hashes, HashName } from "../ports/tls.js";
import { close, type Der, enter, nothing, readIdentifier, sequence } from "./der.js";
import { readEcdsaSignature, verifyEcdsa } from "./ecdsa.js";
import type { PublicKey } from "./public-key.js";
import { reasons } from "./reasons.js";
import { verifyRsa } from "./rsa.js";

export interface SignatureAlgorithm {
	readonly kind: PublicKey["kind"];
	readonly hash: HashName;
}

interface Entry extends SignatureAlgorithm {
	readonly identifier: string;
}

const known: readonly Entry[] = Object.freeze(
	[
		{ identifier: "2a864886f70d01010b", kind: "rsa", hash: "sha256" },
		{ identifier: "2a864886f70d01010c", kind: "rsa", hash: "sha384" },
		{ identifier: "2a864886f70d01010d", kind: "rsa", hash: "sha512" },
		{ identifier: "2a8648ce3d040302", kind: "ecdsa", hash: "sha256" },
		{ identifier: "2a8648ce3d040303", kind: "ecdsa", hash: "sha384" },
		{ identifier: "2a8648ce3d040304", kind: "ecdsa", hash: "sha512" },
	],
	true,
);

/** MD5 and SHA-1 with RSA, SHA-1 with RSA as OIW had it, SHA-1 with ECDSA. */
const weak: readonly string[] = Object.freeze([
	"2a864886f70d010104",
	"2a864886f70d010105",
	"2b0e03021d",
	"2a8648ce3d0401",
]);

/** An AlgorithmIdentifier; a reason where it is well formed and refused. Parameters are NULL with RSA and absent with ECDSA. */
export function readSignatureAlgorithm(der: Der): SignatureAlgorithm | string {
	const fields = enter(der, sequence);
	const identifier = readIdentifier(fields);
	const entry = known.find(candidate => candidate.identifier === identifier);
	if (entry === undefined) return weak.includes(identifier) ? reasons.weakHash : reasons.signatureAlgorithm;
	if (entry.kind === "rsa") close(enter(fields, nothing));
	close(fields);
	return entry;
}

/** Whether `signature` is one of `message` with `key`. False as well when the key is not of the algorithm's kind. */
export function verifySignature(
	key: PublicKey,
	{ kind, hash }: SignatureAlgorithm,
	message: Uint8Array,
	signature: Uint8Array,
	hashes: Hashes,
): boolean {
	return key.kind === kind && verifyDigest(key, { kind, hash }, hashes[hash](message), signature);
}

/** The same where the message is hashed already. */
export function verifyDigest(
	key: PublicKey,
	{ kind, hash }: SignatureAlgorithm,
	digest: Uint8Array,
	signature: Uint8Array,
): boolean {
	if (key.kind !== kind) return false;
	if (key.kind === "rsa") return verifyRsa(key, hash, digest, signature);
	const numbers = readEcdsaSignature(signature);
	return numbers !== null && verifyEcdsa(key, digest, numbers);
}
