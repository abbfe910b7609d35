/** Seals frames in every form that the standard allows, with `node:crypto`. */

import { createCipheriv } from "node:crypto";
import { bytesOf, joinBytes } from "./vectors.js";

/** Forms of a BER length: short, or how many bytes follow 0x81 to 0x84. `shortest` takes the first that fits. */
export type LengthForm = "shortest" | 0 | 1 | 2 | 3 | 4;

export interface Sealing {
	key: Uint8Array;
	authenticationKey: Uint8Array;
	systemTitle: Uint8Array;
	frameCounter: number;
	/** 0x30: encrypted and authenticated; 0x20: encrypted only, without a tag. Others are encrypted, with a tag if bit 4 is set. */
	securityControl: number;
	tagLength: number;
	lengthForm: LengthForm;
}

export const publicAuthenticationKey = bytesOf("00112233445566778899AABBCCDDEEFF");

/** What a Luxembourg meter does, unless told otherwise. */
export const luxembourg: Sealing = {
	key: bytesOf("0F1E2D3C4B5A69788796A5B4C3D2E1F0"),
	authenticationKey: publicAuthenticationKey,
	systemTitle: bytesOf("5341476770000001"),
	frameCounter: 1,
	securityControl: 0x30,
	tagLength: 12,
	lengthForm: "shortest",
};

/** A general-glo-ciphering APDU around the plaintext, made with node:crypto and nothing of the firmware. */
export function seal(plaintext: Uint8Array, changes: Partial<Sealing> = {}): Uint8Array {
	const sealing = { ...luxembourg, ...changes };
	const counter = Buffer.alloc(4);
	counter.writeUInt32BE(sealing.frameCounter);
	const body = encrypt(plaintext, sealing, counter);
	const content = joinBytes(Uint8Array.of(sealing.securityControl), counter, body);
	return joinBytes(
		Uint8Array.of(0xdb, sealing.systemTitle.length),
		sealing.systemTitle,
		encodeLength(content.length, sealing.lengthForm),
		content,
	);
}

/**
 * Ciphertext, and the tag where the security control byte says so (Green Book edition 9, figures 29 to 31). The initial vector
 * is system title and frame counter; where that is not 96 bits, as with titles of other than eight bytes, node:crypto applies
 * GCM's general rule (SP 800-38D, 7.1).
 */
function encrypt(plaintext: Uint8Array, sealing: Sealing, counter: Uint8Array): Uint8Array {
	const initialVector = joinBytes(sealing.systemTitle, counter);
	const authenticated = (sealing.securityControl & 0x10) !== 0;
	const cipher = createCipheriv("aes-128-gcm", sealing.key, initialVector, { authTagLength: sealing.tagLength });
	if (authenticated) cipher.setAAD(joinBytes(Uint8Array.of(sealing.securityControl), sealing.authenticationKey));
	const ciphertext = joinBytes(cipher.update(plaintext), cipher.final());
	// Encryption only is the same key stream without a tag.
	return authenticated ? joinBytes(ciphertext, cipher.getAuthTag()) : ciphertext;
}

export function encodeLength(length: number, form: LengthForm): Uint8Array {
	let count = form;
	if (count === "shortest") count = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
	if (count === 0) {
		if (length >= 0x80) throw new Error(`${length} has no short form`);
		return Uint8Array.of(length);
	}
	if (length >= 2 ** (8 * count)) throw new Error(`${length} does not fit ${count} bytes`);
	const bytes = [0x80 + count];
	for (let shift = count - 1; shift >= 0; shift -= 1) bytes.push(Math.floor(length / 2 ** (8 * shift)) % 256);
	return Uint8Array.from(bytes);
}
