/** The parts of the peers that the benchmark uses: types are checked where they are not installed, too. */
declare module "node-forge/lib/forge.js" {
	interface ByteBuffer {
		getBytes(): string;
	}
	interface Decipher {
		start(options: { iv: ByteBuffer; additionalData: string; tagLength: number; tag: ByteBuffer }): void;
		update(input: ByteBuffer): void;
		finish(): boolean;
		readonly output: ByteBuffer;
	}
	const forge: {
		util: { createBuffer(bytes: Uint8Array): ByteBuffer };
		cipher: { createDecipher(name: "AES-GCM", key: ByteBuffer): Decipher };
	};
	export default forge;
}

declare module "node-forge/lib/aes.js";

declare module "sjcl" {
	type Bits = number[];
	class Aes {
		constructor(key: Bits);
	}
	const sjcl: {
		cipher: { aes: typeof Aes };
		mode: { gcm: { decrypt(cipher: Aes, sealed: Bits, nonce: Bits, additional: Bits, tagBits: number): Bits } };
		bitArray: { partial(bits: number, word: number): number; bitLength(bits: Bits): number };
	};
	export default sjcl;
}

declare module "asmcrypto.js" {
	export const AES_GCM: {
		decrypt(
			sealed: Uint8Array,
			key: Uint8Array,
			nonce: Uint8Array,
			additional: Uint8Array,
			tagLength: number,
		): Uint8Array;
	};
}

declare module "@noble/ciphers/aes.js" {
	export function gcm(
		key: Uint8Array,
		nonce: Uint8Array,
		additional: Uint8Array,
	): { decrypt(sealed: Uint8Array): Uint8Array };
}

declare module "dsmr-parser" {
	const parser: { parse(telegram: string): unknown };
	export default parser;
}
