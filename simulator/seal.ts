/** Seals a telegram as a meter does, with OpenSSL's GCM. */

import { createCipheriv } from "node:crypto";

export interface SealOptions {
	/** 16 bytes. */
	key: Uint8Array;
	/** 16 bytes. */
	authenticationKey: Uint8Array;
	/** 1 to 16 bytes, 8 on every meter. Title and counter are the initialization vector. */
	systemTitle: Uint8Array;
	/** 0 to 2^32 - 1. */
	frameCounter: number;
	/** 0x30 encrypted and authenticated, 0x20 encrypted only. */
	securityControl: 0x30 | 0x20;
}

/** The authentication key that every meter in Luxembourg uses (E-Meter P1 Specification, 3.2.5). It is no secret. */
export const commonAuthenticationKey: readonly number[] = [
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
];

/**
 * A general-glo-ciphering frame around `plaintext` (E-Meter P1 Specification 3.2.5). The cipher is OpenSSL's, not the
 * firmware's, so that a mistake in one of them shows.
 */
export function sealFrame(plaintext: Uint8Array, options: SealOptions): Uint8Array {
	const { key, authenticationKey, systemTitle, frameCounter, securityControl } = options;
	const authenticated = securityControl === 0x30;
	const header = Buffer.alloc(5);
	header[0] = securityControl;
	header.writeUInt32BE(frameCounter, 1);
	const vector = Buffer.concat([systemTitle, header.subarray(1)]);
	const cipher = createCipheriv("aes-128-gcm", key, vector, { authTagLength: 12 });
	if (authenticated) cipher.setAAD(Buffer.concat([Buffer.of(securityControl), authenticationKey]));
	const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
	const tag = authenticated ? cipher.getAuthTag() : Buffer.alloc(0);
	const length = Buffer.of(0x82, 0, 0);
	length.writeUInt16BE(header.length + ciphertext.length + tag.length, 1);
	const start = Buffer.of(0xdb, systemTitle.length);
	return new Uint8Array(Buffer.concat([start, systemTitle, length, header, ciphertext, tag]));
}
