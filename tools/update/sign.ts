/** Makes an update of an image: the header that `modules/update/header.ts` reads, signed, and the image as it is. */

import { createHash, type KeyObject, sign } from "node:crypto";
import {
	boardAt,
	digestAt,
	headerLength,
	lengthAt,
	readHeader,
	sequenceAt,
	signedLength,
	versionAt,
} from "../../modules/update/header.js";

export interface UpdateFields {
	/** The target's name: `lolin_d32`. */
	readonly board: string;
	/** At most 24 printable characters of ASCII without spaces. */
	readonly version: string;
	/** From 0 to 2^32 − 1. */
	readonly sequence: number;
}

/** Throws a sentence where a field does not fit, the key is not of P-256 or the image is none. */
export function signUpdate(image: Uint8Array, { board, version, sequence }: UpdateFields, key: KeyObject): Uint8Array {
	if (image[0] !== 0xe9) throw new Error("this is no image for an ESP32: its first byte is not E9");
	checkKey(key);
	const header = Buffer.alloc(headerLength);
	header.write("SMXU\x01", 0, "latin1");
	writeText(header, "board", board, boardAt, versionAt);
	writeText(header, "version", version, versionAt, sequenceAt);
	if (!Number.isInteger(sequence) || sequence < 0 || sequence > 0xffffffff) {
		throw new Error("the sequence is a whole number from 0 to 4294967295");
	}
	header.writeUInt32BE(sequence, sequenceAt);
	header.writeUInt32BE(image.length, lengthAt);
	createHash("sha256").update(image).digest().copy(header, digestAt);
	sign("sha256", header.subarray(0, signedLength), { key, dsaEncoding: "ieee-p1363" }).copy(header, signedLength);
	if (readHeader(header) === null) throw new Error("the header cannot be read again");
	return Buffer.concat([header, image]);
}

function writeText(header: Buffer, name: string, value: string, start: number, end: number): void {
	if (!/^[!-~]+$/.test(value) || value.length > end - start) {
		throw new Error(`the ${name} has 1 to ${end - start} printable characters of ASCII without spaces`);
	}
	header.write(value, start, "latin1");
}

/** What `updateKey` of the build wants: 128 hexadecimal digits, x and y. */
export function publicDigits(key: KeyObject): string {
	checkKey(key);
	const { x, y } = key.export({ format: "jwk" });
	return [x!, y!].map(text => Buffer.from(text, "base64url").toString("hex")).join("");
}

function checkKey(key: KeyObject): void {
	if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
		throw new Error("the key is not one of P-256 (openssl: prime256v1)");
	}
}
