/**
 * In place of the SDK's `ssl/ciphersuites`, which offers eight others, with CBC or without forward secrecy, and lets only some of
 * them be switched off. The session calls the key exchange of both `ECDHE_RSA`.
 */
import { AES, ECDHE_RSA, GCM, SHA256 } from "ssl/constants";

const parameters = Object.freeze({
	isExportable: false,
	keyExchangeAlgorithm: ECDHE_RSA,
	cipherAlgorithm: AES,
	cipherKeySize: 16,
	cipherBlockSize: 16,
	hashAlgorithm: SHA256,
	hashSize: 32,
	encryptionMode: GCM,
	/** Bytes of the nonce that each record shows, and of those that both sides know. */
	ivSize: 8,
	saltSize: 4,
});

/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. */
export default Object.freeze(
	[
		{ value: [0xc0, 0x2b], ...parameters },
		{ value: [0xc0, 0x2f], ...parameters },
	],
	true,
);
