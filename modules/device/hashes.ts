/** Hash functions in the SDK's C. */
import { Digest } from "crypt";
import type { Hashes } from "../ports/tls.js";

export const hashes: Hashes = Object.freeze({
	sha256: (bytes: Uint8Array) => digest("SHA256", bytes),
	sha384: (bytes: Uint8Array) => digest("SHA384", bytes),
	sha512: (bytes: Uint8Array) => digest("SHA512", bytes),
});

function digest(name: string, bytes: Uint8Array): Uint8Array {
	return new Uint8Array(new Digest(name).process(bytes));
}
