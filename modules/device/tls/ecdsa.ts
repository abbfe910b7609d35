/**
 * In place of the SDK's `ecdsa`, `pkcs1_5` and `dsa`, with which the session verifies a key exchange once more: the guard in front of
 * it has verified the signature, and here only is compared what was signed. It saves as much time as the guard's own check takes,
 * and the SDK's does not end for some signatures.
 */
import type { SessionKey } from "ssl/session";

/** The session makes it with the key of `ssl/cert`, or with its `pub` and `curve`. */
export default class Verified {
	private readonly digest: Uint8Array;

	constructor(key: SessionKey) {
		this.digest = key.digest;
	}

	/** Whether `digest`, which the session made of what it uses itself, is the one that the server's key has signed. */
	verify(digest: ArrayBuffer): boolean {
		const bytes = new Uint8Array(digest);
		if (bytes.length === 0 || bytes.length !== this.digest.length) return false;
		return bytes.every((byte, at) => byte === this.digest[at]);
	}
}
