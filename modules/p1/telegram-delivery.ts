/** What is read goes to who wants it: in a step of its own, not from within the search, whose calls take half a KB of the stack. */
import type { Apdu } from "./apdu.js";
import { countTags } from "./automatic.js";
import type { Verdict } from "./decryptor.js";
import { endHints } from "./frame.js";
import { formatHex } from "./hex.js";
import type { Reader } from "./reader-state.js";

/** Whether what comes of the telegram waits for the next step; asked once more, for nobody who takes it. */
export function isDeliveredLater({ task, inSteps }: Reader): boolean {
	if (!inSteps || task.isDue || task.isDelivered) return false;
	task.isDue = true;
	return true;
}

/** What waits for that. */
export function deliverWaiting(reader: Reader): void {
	const { bytes, apdu, textStart, textEnd } = reader.search;
	const { verdict } = reader.task;
	if (verdict === null) deliver(reader, "plain", null, null, bytes, textStart, textEnd);
	else deliverSealed(reader, verdict, bytes, apdu);
}

export function deliverSealed(reader: Reader, verdict: Verdict, bytes: Uint8Array, apdu: Apdu): void {
	const systemTitle = formatHex(bytes, apdu.titleStart, apdu.titleEnd);
	deliver(reader, verdict, systemTitle, readCounter(bytes, apdu.counterStart), bytes, apdu.textStart, apdu.textEnd);
}

export function deliver(
	reader: Reader,
	verdict: Verdict,
	systemTitle: string | null,
	frameCounter: number | null,
	bytes: Uint8Array,
	start: number,
	end: number,
): void {
	const { counters, search, automatic, task } = reader;
	task.isDue = false;
	task.isDelivered = true;
	if (automatic !== null) countTags(automatic, reader.frameCounters, verdict, systemTitle);
	endHints(search);
	reader.decryptor.notifications = 0;
	counters.telegrams += 1;
	if (verdict === "authenticated") counters.authenticated += 1;
	else if (verdict === "crc-only") counters.crcOnly += 1;
	else counters.plain += 1;
	const { readings } = task.walk!;
	reader.onTelegram({ verdict, systemTitle, frameCounter, bytes, start, end, readings });
}

export function readCounter(bytes: Uint8Array, at: number): number {
	return bytes[at] * 0x1000000 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
}
