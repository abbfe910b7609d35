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

/** The server of a session. Both are null until its certificate is trusted. */
export interface TrustedServer {
	/** Its own certificate in DER. */
	readonly certificate: Uint8Array | null;
	readonly key: ServerKey | null;
}
