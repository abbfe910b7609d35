/** Finds where a telegram in clear begins, among frames and noise. */
import { crc16, findCrcStart } from "./crc16.js";
import { isTextStart, parseClosing } from "./text.js";

/**
 * Where the telegram in clear begins in `bytes` from `start` on, given that its CRC's line ends at `end`: at the first place
 * from which the CRC is good; where there is no CRC, at the last identification. -1 if the CRC is good from nowhere.
 */
export function findClearStart(bytes: Uint8Array, start: number, end: number): number {
	const { mark, crc } = parseClosing(bytes, start, end);
	if (crc < 0) return findLastIdentification(bytes, start, end);
	// As a rule it begins where the search found it, which takes half the time to confirm.
	if (crc16(bytes, start, mark + 1) === crc && isTextStart(bytes, start, end) === "start") return start;
	return findCrcStart(bytes, start, mark + 1, crc, at => isTextStart(bytes, at, end) === "start");
}

/** The last place that begins like a telegram and has an empty line behind its line; else `start`. */
function findLastIdentification(bytes: Uint8Array, start: number, end: number): number {
	let found = start;
	let candidate = -1;
	let lineFeeds = 0;
	for (let at = start; at < end; at += 1) {
		const byte = bytes[at];
		if (byte === 10) {
			lineFeeds += 1;
			if (lineFeeds === 2 && candidate >= 0) found = candidate;
		} else if (byte !== 13) {
			if (lineFeeds > 0) candidate = -1;
			lineFeeds = 0;
			if (isTextStart(bytes, at, end) === "start") candidate = at;
		}
	}
	return found;
}
