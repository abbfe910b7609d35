/** What TLS needs of a platform beyond a socket, and what a platform's own TLS session needs of ours. */
/** Hash functions, which the board has in C. */
export interface Hashes {
	/** FIPS 180-4. Each returns a fresh array of 32, 48 or 64 bytes. */
	sha256(bytes: Uint8Array): Uint8Array;
	sha384(bytes: Uint8Array): Uint8Array;
	sha512(bytes: Uint8Array): Uint8Array;
}

export type HashName = keyof Hashes;

/** A public key whose numbers were checked: they are in range, and the point is on its curve. */
export type ServerKey =
	| { readonly kind: "rsa"; readonly modulus: bigint; readonly exponent: bigint }
	| {
			readonly kind: "ecdsa";
			readonly curve: { readonly name: "P-256" | "P-384" };
			readonly x: bigint;
			readonly y: bigint;
	  };

/** Whom an owner has said to trust. With neither, a broker's key is looked at and nothing is sent to it. */
export interface Trust {
	/** SHA-256 of the broker's SubjectPublicKeyInfo. With it alone the key decides: no chain, no name, no date. */
	readonly pin: Uint8Array | null;
	/** Certificates in DER, read when they are needed; or why they cannot be read, and then no broker is trusted. */
	authorities(): readonly Uint8Array[] | string;
}

/** A broker that TLS trusts. */
export interface TrustedBroker {
	/** Fingerprint of its key, `sha256/…`. */
	readonly shownKey: string;
	/** True where the dates of its certificates were not looked at, because nobody knows the time. */
	readonly withoutDates: boolean;
}

/** The server of a session. All are null until its certificate is trusted, and `digest` until its key exchange is verified. */
export interface TrustedServer {
	/** Its own certificate in DER. */
	readonly certificate: Uint8Array | null;
	readonly key: ServerKey | null;
	/** What the signature of its key exchange signs, hashed. */
	readonly digest: Uint8Array | null;
}
