/** Test data as bytes, and the published vectors. */

import { readFileSync } from "node:fs";

/** Bytes of a hex string; for test data only, so a wrong digit throws. */
export function bytesOf(hex: string): Uint8Array {
	if (!/^([0-9a-fA-F]{2})*$/.test(hex)) throw new Error(`not hex: ${hex}`);
	return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function hexOf(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex").toUpperCase();
}

/** Bytes of a text in which every character is one byte. */
export function textBytes(text: string): Uint8Array {
	return Uint8Array.from(Buffer.from(text, "latin1"));
}

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
	return Uint8Array.from(Buffer.concat(parts));
}

function load(name: string): unknown {
	return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
}

interface RealFrameFile {
	key: string;
	authenticationKey: string;
	additionalData: string;
	systemTitle: string;
	frameCounter: string;
	tag: string;
	frame: string;
	telegram: string;
}

/** The real frame of 2018, with the key its owner published for tests. */
export const realFrame = loadRealFrame();

function loadRealFrame() {
	const file = load("luxembourg-2018.json") as RealFrameFile;
	return {
		key: bytesOf(file.key),
		authenticationKey: bytesOf(file.authenticationKey),
		additionalData: bytesOf(file.additionalData),
		systemTitle: file.systemTitle,
		frameCounter: Number.parseInt(file.frameCounter, 16),
		tag: bytesOf(file.tag),
		frame: bytesOf(file.frame),
		telegram: file.telegram,
	};
}

/** The example telegram of the specification 1.1.3, appendix A, in clear. */
export const specificationTelegram = (load("luxembourg-spec-1.1.3.json") as { telegram: string }).telegram;

export interface GcmCase {
	key: Uint8Array;
	initialVector: Uint8Array;
	additionalData: Uint8Array;
	ciphertext: Uint8Array;
	tag: Uint8Array;
	/** null: must be refused. */
	plaintext: Uint8Array | null;
}

interface NistFile {
	cases: {
		key: string;
		iv: string;
		aad: string;
		ciphertext: string;
		tag: string;
		plaintext?: string;
		fail?: boolean;
	}[];
}

/** NIST's decryption cases for AES-128 with a 96-bit initial vector. */
export function loadNistCases(): GcmCase[] {
	return (load("nist-gcm-decrypt-128.json") as NistFile).cases.map(entry => {
		if ((entry.fail === true) === (entry.plaintext !== undefined))
			throw new Error("a case either fails or has a plaintext");
		return {
			key: bytesOf(entry.key),
			initialVector: bytesOf(entry.iv),
			additionalData: bytesOf(entry.aad),
			ciphertext: bytesOf(entry.ciphertext),
			tag: bytesOf(entry.tag),
			plaintext: entry.plaintext === undefined ? null : bytesOf(entry.plaintext),
		};
	});
}
