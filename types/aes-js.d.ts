/** The part of npm's aes-js 3.1.2 that this project uses; the package has no declarations of its own. */
declare module "aes-js" {
	/** The block cipher: key schedule in the constructor (16, 24 or 32 bytes), one 16-byte block at a time. */
	class AES {
		constructor(key: Uint8Array);
		encrypt(block: Uint8Array | number[]): Uint8Array;
		/** The round keys of decryption. */
		_Kd: number[][];
	}
	const aes: { AES: typeof AES };
	export default aes;
}

declare module "aes-js/expansion" {
	export const expandKey: typeof import("../modules/device/aes-js/expansion.js").expandKey;
	export type Encrypt = import("../modules/device/aes-js/expansion.js").Encrypt;
}
