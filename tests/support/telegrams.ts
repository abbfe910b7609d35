/** Makes and changes telegrams in clear. */

import { accept, createReader, type Telegram } from "../../modules/p1/reader.js";
import { closeTelegram } from "./checksum.js";
import { textBytes } from "./vectors.js";

/** The telegram that a reader makes of a text in clear, in a buffer of its own. Without a CRC behind `!` it gets one. */
export function readTelegram(text: string): Telegram {
	const sealed = text.endsWith("!") ? closeTelegram(text) : text;
	const found: Telegram[] = [];
	const reader = createReader({ key: null }, telegram => {
		const bytes = telegram.bytes.slice(telegram.start, telegram.end);
		found.push({ ...telegram, bytes, start: 0, end: bytes.length });
	});
	const bytes = textBytes(sealed);
	accept(reader, bytes, 0, bytes.length, 0);
	if (found.length !== 1) throw new Error(`the text holds ${found.length} telegrams`);
	return found[0];
}

/** The text up to `!`, with one line replaced, or left out for null. */
export function changeLine(text: string, code: string, line: string | null): string {
	const lines = text.slice(0, text.indexOf("!") + 1).split("\r\n");
	const at = lines.findIndex(candidate => candidate.startsWith(`${code}(`));
	if (at < 0) throw new Error(`the telegram has no ${code}`);
	lines.splice(at, 1, ...(line === null ? [] : [line]));
	return lines.join("\r\n");
}
