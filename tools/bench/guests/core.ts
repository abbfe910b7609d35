/** Guest: `modules/p1` and the state message alone. */

import type { Message } from "../../../modules/messages/chunks.js";
import { encodeState } from "../../../modules/messages/json.js";
import { meterName, stateTopic } from "../../../modules/messages/topics.js";
import { accept, createReader, type Reader } from "../../../modules/p1/reader.js";

/** The core alone: bytes in, the latest message kept. The first byte of a request: 0 takes the key, 1 bytes, 2 replies the count; 3 takes the key, and only authenticated telegrams count. */
export function createGuest() {
	let reader: Reader | null = null;
	let message: Message | null = null;
	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const bytes = new Uint8Array(request);
			switch (bytes[0]) {
				case 0:
				case 3:
					reader = createReader(
						{ key: bytes.slice(1), authentication: bytes[0] === 3 ? "required" : "prefer" },
						telegram => {
							const topic = stateTopic("smarty", meterName(telegram));
							message = { topic, payload: encodeState(telegram), quality: 1, retain: true };
						},
					);
					break;
				case 1:
					accept(reader!, bytes, 1, bytes.length, 0);
					break;
				default:
					return Float64Array.of(reader!.counters.authenticated, message!.payload.length).buffer;
			}
			return request;
		},
	};
}
