/** Updates for tests, with a key that nobody else may use. */

import { generateKeyPairSync } from "node:crypto";
import { publicDigits, signUpdate, type UpdateFields } from "../../tools/update/sign.js";

export const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
export const key = publicDigits(publicKey);

export const fields: UpdateFields = { board: "lolin_d32", version: "0.2.0", sequence: 2 };

export function createUpdate(image: Uint8Array, changed: Partial<UpdateFields> = {}, signer = privateKey): Uint8Array {
	return Uint8Array.from(signUpdate(image, { ...fields, ...changed }, signer));
}
