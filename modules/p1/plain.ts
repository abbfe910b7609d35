/** The telegram in clear, with its CRC. */
import { crc16 } from "./crc16.js";
import type { Telegram, Verdict } from "./reader.js";
import { parseClosing } from "./text.js";

const digits = "0123456789ABCDEF";

/**
 * The telegram in clear as a meter without encryption would send it: from `/` to `!`, a CRC of four upper-case digits, CR LF.
 * In memory of its own, because a telegram is valid during its callback only. `before`: ASCII without `/` that comes first.
 */
export function copyTelegram(telegram: Telegram, before = ""): Uint8Array {
	const { bytes, start, end } = telegram;
	const { mark, crc: printed } = parseClosing(bytes, start, end);
	// An authenticated telegram may come without its last line.
	const close = mark < 0 ? end : mark;
	const first = before.length;
	const length = first + close - start;
	const copy = new Uint8Array(length + 7);
	for (let at = 0; at < first; at += 1) copy[at] = before.charCodeAt(at);
	copy.set(bytes.subarray(start, close), first);
	copy[length] = 33;
	// Whatever accepted the telegram has checked the CRC that it came with.
	const crc = printed >= 0 ? printed : crc16(copy, first, length + 1);
	for (let digit = 0; digit < 4; digit += 1) {
		copy[length + 1 + digit] = digits.charCodeAt((crc >> (12 - 4 * digit)) & 15);
	}
	copy[length + 5] = 13;
	copy[length + 6] = 10;
	return copy;
}

/** A line before a telegram in clear whose meter's telegrams had a good tag before. Readers look for the `/` behind it. */
export function sayUnproven(verdict: Verdict): string {
	return `smarty-xs: ${verdict}, and no longer authenticated\r\n`;
}
