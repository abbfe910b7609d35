/** The keys of a reader's meters, and the tables of one of them. */
import { type Cipher, createGcm, type Gcm } from "./gcm.js";

/**
 * All keys, any of which may be of any meter, and what frames of all meters are opened with. Tables take 6 KB and one million instructions, and a telegram needs those of one key: they are
 * made for the telegram at hand. With one key they are made once.
 */
export interface Keys {
	readonly all: readonly Uint8Array[];
	/** The platform's own AES-128-GCM, if it has one. */
	readonly createCipher: ((key: Uint8Array) => Cipher) | null;
	/** Of which key the tables are, or -1: there are none. */
	at: number;
	/** One of them, or neither. */
	cipher: Cipher | null;
	gcm: Gcm | null;
	/** System title and frame counter, by the title's length; each is made when a frame needs it first. */
	readonly nonces: (Uint8Array | undefined)[];
	/** A copy of the first block, to look at before the whole is touched. */
	readonly peek: Uint8Array;
}

/** Keys of 16 bytes each; anything else throws. */
export function createKeys(
	all: readonly Uint8Array[],
	createCipher: ((key: Uint8Array) => Cipher) | null = null,
): Keys {
	for (const key of all) {
		if (key.length !== 16) throw new RangeError(`AES-128 needs a key of 16 bytes, not ${key.length}`);
	}
	const keys: Keys = { all, createCipher, at: -1, cipher: null, gcm: null, nonces: [], peek: new Uint8Array(16) };
	if (all.length > 0) takeTables(keys, 0);
	return keys;
}

/** Makes the tables of a key, unless they are at hand. */
export function takeTables(keys: Keys, at: number): void {
	if (keys.at === at) return;
	// Those before go first: there is no room for two.
	keys.at = -1;
	keys.gcm = null;
	keys.cipher = null;
	const key = keys.all[at];
	if (keys.createCipher === null) keys.gcm = createGcm(key);
	else keys.cipher = keys.createCipher(key);
	keys.at = at;
}
