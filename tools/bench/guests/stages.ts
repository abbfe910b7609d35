/** Guest: each stage of a telegram alone. */

import { encodeState } from "../../../modules/messages/json.js";
import { createApdu, parseHeader } from "../../../modules/p1/apdu.js";
import { crc16 } from "../../../modules/p1/crc16.js";
import { createDecryptor, decryptApdu, payFor } from "../../../modules/p1/decryptor.js";
import { createFaults } from "../../../modules/p1/faults.js";
import { createGcm, open } from "../../../modules/p1/gcm.js";
import { createKeys } from "../../../modules/p1/keys.js";
import { defaultAuthenticationKey, type Telegram } from "../../../modules/p1/reader.js";
import { parseTelegram } from "../../../modules/p1/telegram.js";

/**
 * The stages of a telegram one by one. The first byte of a request: 0 takes the key, 1 a frame; 2 opens it by GCM alone, 3 by
 * everything the opener does; 4 computes the CRC; 5 parses; 6 makes the message.
 */
export function createGuest() {
	const faults = createFaults();
	const apdu = createApdu();
	const additional = Uint8Array.of(0x30, ...defaultAuthenticationKey());
	let gcm = createGcm(new Uint8Array(16));
	let opener = createDecryptor(createKeys([]), defaultAuthenticationKey(), "prefer");
	let nonce = new Uint8Array(12);
	let bytes = new Uint8Array(0);
	let telegram: Telegram | null = null;

	function load(frame: Uint8Array): void {
		bytes = frame.slice();
		if (parseHeader(apdu, bytes, 0, bytes.length, 16_384) !== "header") throw new Error("not a frame");
		nonce = Uint8Array.of(
			...bytes.subarray(apdu.titleStart, apdu.titleEnd),
			...bytes.subarray(apdu.counterStart, apdu.counterStart + 4),
		);
	}

	function parse(): void {
		const { textStart: start, textEnd: end } = apdu;
		const readings = parseTelegram(bytes, start, end, faults);
		const verdict = "authenticated" as const;
		telegram = { verdict, systemTitle: "5341476770000001", frameCounter: 1, bytes, start, end, readings };
	}

	return {
		handle(request: ArrayBuffer): ArrayBuffer {
			const input = new Uint8Array(request);
			switch (input[0]) {
				case 0:
					gcm = createGcm(input.slice(1));
					opener = createDecryptor(createKeys([input.slice(1)]), defaultAuthenticationKey(), "prefer");
					break;
				case 1:
					load(input.subarray(1));
					break;
				case 2:
					if (!open(gcm, nonce, additional, bytes, apdu.textStart, apdu.textEnd, apdu.tagLength))
						throw new Error("tag");
					break;
				case 3:
					payFor(opener, bytes.length);
					if (decryptApdu(opener, bytes, apdu, 0, true) !== "authenticated") throw new Error("not authentic");
					break;
				case 4:
					crc16(bytes, apdu.textStart, apdu.textEnd - 6);
					break;
				case 5:
					parse();
					break;
				case 6:
					encodeState(telegram!);
					break;
				default:
			}
			return request;
		},
	};
}
