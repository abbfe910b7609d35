import { createGcm, type Gcm, open } from "../../modules/p1/gcm.js";

/** AES-128-GCM as a guest whose `open` can be counted alone: 0 sets the key, 1 the sealed bytes, 2 opens, 3 gives the result. */
export function createGuest() {
	let gcm: Gcm | null = null;
	let sealed = new Uint8Array(0);
	let opened = false;

	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const bytes = new Uint8Array(request);
			switch (bytes[0]) {
				case 0:
					gcm = createGcm(bytes.slice(1));
					break;
				case 1:
					sealed = bytes.slice(1);
					break;
				case 2:
					opened = openSealed(gcm!, sealed);
					break;
				default:
					return Uint8Array.of(opened ? 1 : 0, ...sealed.subarray(29, sealed.length - 12)).buffer;
			}
			return request;
		},
	};
}

/** Nonce (12 bytes), additional data (17), ciphertext, tag (12). */
function openSealed(gcm: Gcm, sealed: Uint8Array): boolean {
	return open(gcm, sealed.subarray(0, 12), sealed.subarray(12, 29), sealed, 29, sealed.length - 12, 12);
}
