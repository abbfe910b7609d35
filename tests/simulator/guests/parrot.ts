/** A guest that answers with what it is told. */
import aes from "aes-js";
import { parse } from "./reproach.js";

/** A guest for the tests of the engines: what it does is told by the first byte of the request. */
export function createGuest() {
	let calls = 0;
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			calls++;
			const bytes = new Uint8Array(request);
			switch (bytes[0]) {
				case 1: {
					// Not `return parse(bytes)`: XS makes that a proper tail call, and the trace would not show this line.
					const parsed = parse(bytes);
					return parsed;
				}
				case 2:
					for (;;) calls++;
				case 3:
					return new Uint8Array(new aes.AES(bytes.slice(1, 17)).encrypt(bytes.slice(17, 33))).buffer;
				case 4:
					return new Uint8Array([calls]).buffer;
				default:
					return request;
			}
		},
	};
}
