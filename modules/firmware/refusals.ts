/** Why telegrams are refused now, where that is for something the reader has learnt by itself, and what to type. */
import { note } from "../health/log.js";
import type { Firmware, Line } from "./state.js";

/** So long after the last refusal it is still said. */
const toldMs = 60_000;

const sentence =
	"telegrams without a good tag are refused since ten in a row had one; to read them: set authentication prefer";

/** Says in the log that telegrams were refused since the last look. */
export function noteRefusals({ lines, log }: Firmware, now: number): void {
	for (const line of lines) {
		const { automatic } = line.tally;
		if (automatic === null || automatic.refused === line.refused) continue;
		line.refused = automatic.refused;
		line.refusedTime = now;
		note(log, sentence, now);
	}
}

/** The sentence for status and diagnostics; null while none is refused. */
export function tellRefusal({ refusedTime }: Line, now: number): string | null {
	return now - refusedTime < toldMs ? sentence : null;
}
