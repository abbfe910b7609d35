/** Opens what was sealed with AES-128-GCM: the text, or null if it is not authentic. */
export type Open = (nonce: Uint8Array, additional: Uint8Array, text: Uint8Array, tag: Uint8Array) => Uint8Array | null;

/**
 * A guest whose opening can be counted alone. The first byte of a request: 0 takes the key, 1 what is to be opened (nonce of 12
 * bytes, 17 of additional data, a byte that tells the tag's length, text, tag), 2 opens it, 3 replies the result.
 */
export function createSealedGuest(create: (key: Uint8Array) => Open) {
	let openSealed: Open | null = null;
	let parts: [Uint8Array, Uint8Array, Uint8Array, Uint8Array] | null = null;
	let result: Uint8Array | null = null;

	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const bytes = new Uint8Array(request);
			switch (bytes[0]) {
				case 0:
					openSealed = create(bytes.slice(1));
					break;
				case 1: {
					const tagStart = bytes.length - bytes[30]!;
					parts = [bytes.slice(1, 13), bytes.slice(13, 30), bytes.slice(31, tagStart), bytes.slice(tagStart)];
					break;
				}
				case 2:
					result = openSealed!(parts![0], parts![1], parts![2], parts![3]);
					break;
				default:
					return Uint8Array.of(result === null ? 0 : 1, ...(result ?? [])).buffer;
			}
			return request;
		},
	};
}
