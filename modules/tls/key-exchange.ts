/** Verifies a ServerKeyExchange (RFC 8422 section 5.4): who has the certificate's key has signed it, for this handshake. */
import type { Hashes, HashName } from "../ports/tls.js";
import { concatenate } from "./bytes.js";
import { p256 } from "./curve.js";
import { isWhole, openMessage, readNumber, readVector } from "./message.js";
import { decodePoint, type PublicKey } from "./public-key.js";
import { reasons } from "./reasons.js";
import { verifyDigest } from "./signature.js";

export interface Exchange {
	readonly clientRandom: Uint8Array;
	readonly serverRandom: Uint8Array;
	/** The kind of key that goes with the cipher suite. */
	readonly kind: PublicKey["kind"];
	/** The certificate's key. */
	readonly key: PublicKey;
}

const namedCurve = 3;
const secp256r1 = 23;
/** HashAlgorithm of RFC 5246 section 7.4.1.4.1, from 4 on. */
const firstHash = 4;
const hashNames: readonly HashName[] = Object.freeze(["sha256", "sha384", "sha512"]);
/** SignatureAlgorithm of the same section, by number. */
const kinds: readonly (PublicKey["kind"] | null)[] = Object.freeze([null, "rsa", null, "ecdsa"]);

/** `bytes` hold the message's body from `start` on. The digest that is signed when it is as it should be; else the reason. */
export function checkKeyExchange(
	bytes: Uint8Array,
	start: number,
	exchange: Exchange,
	hashes: Hashes,
): Uint8Array | string {
	const message = openMessage(bytes, start);
	const type = readNumber(message, 1);
	const curve = readNumber(message, 2);
	if (message.failed) return reasons.malformedMessage;
	if (type !== namedCurve || curve !== secp256r1) return reasons.curve;
	const point = readVector(message, 1);
	const end = message.at;
	const hash = hashNames[readNumber(message, 1) - firstHash];
	const kind = kinds[readNumber(message, 1)];
	const signature = readVector(message, 2);
	if (!isWhole(message)) return reasons.malformedMessage;
	// No other hash and no other kind: the session skips the check with those that it does not know.
	if (hash === undefined || kind !== exchange.kind || signature.length === 0) return reasons.unsigned;
	if (decodePoint(point, p256) === null) return reasons.exchangePoint;
	const { clientRandom, serverRandom, key } = exchange;
	const digest = hashes[hash](concatenate(clientRandom, serverRandom, bytes.subarray(start, end)));
	return verifyDigest(key, { kind, hash }, digest, signature) ? digest : reasons.exchangeSignature;
}
