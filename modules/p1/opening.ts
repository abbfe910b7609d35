/** What is left to do with an APDU whose tag has matched, in steps. */
import type { Apdu } from "./apdu.js";
import { crc16 } from "./crc16.js";
import { applyKeystream, type Gcm } from "./gcm.js";
import { parseClosing } from "./text.js";

export interface Opening {
	/** Bytes of the text that are decrypted, or -1: no tag has matched. */
	decrypted: number;
	/** How many of them are in `crc`. */
	checked: number;
	crc: number;
}

const slash = 0x2f;

/** Bytes that one step decrypts without a prepared key stream, and bytes of which one step makes the CRC: two million instructions. */
const decryptStep = 128;
const checkStep = 4096;

/** The tag has matched, and so many bytes of the text are decrypted. */
export function beginOpening(opening: Opening, decrypted: number): void {
	opening.decrypted = decrypted;
	opening.checked = 0;
	opening.crc = 0;
}

/** One step: decrypts what the key stream was not made for, or goes on with the CRC. What the whole is, after the last. */
export function advanceOpening(
	opening: Opening,
	gcm: Gcm,
	nonce: Uint8Array,
	bytes: Uint8Array,
	{ textStart, textEnd }: Apdu,
): "authenticated" | "crc" | "notTelegram" | "opening" {
	const start = textStart + opening.decrypted;
	if (start < textEnd) {
		const end = Math.min(textEnd, start + decryptStep);
		applyKeystream(gcm, nonce, bytes, start, end, opening.decrypted >> 4);
		opening.decrypted = end - textStart;
		return "opening";
	}
	const { mark, crc } = parseClosing(bytes, textStart, textEnd);
	const crcEnd = mark < 0 || crc < 0 || bytes[textStart] !== slash ? textStart : mark + 1;
	const from = textStart + opening.checked;
	const to = Math.min(crcEnd, from + checkStep);
	if (from < to) opening.crc = crc16(bytes, from, to, opening.crc);
	opening.checked = to - textStart;
	if (to < crcEnd) return "opening";
	opening.decrypted = -1;
	if (bytes[textStart] !== slash) return "notTelegram";
	return crcEnd > textStart && opening.crc !== crc ? "crc" : "authenticated";
}

/** Tag, invoke identifier, and a time that is left out or has twelve bytes. With a wrong key, one time in 2^15 this is true by chance. */
export function isNotification(bytes: Uint8Array, start: number, end: number): boolean {
	return end - start > 6 && bytes[start] === 0x0f && (bytes[start + 5] === 0 || bytes[start + 5] === 0x0c);
}
