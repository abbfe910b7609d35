/** The policy `automatic`: what the tags of a line and of its meters have shown. */
import type { Apdu } from "./apdu.js";
import type { AuthenticationPolicy, Verdict } from "./decryptor.js";
import type { Fault } from "./faults.js";
import { formatHex } from "./hex.js";
import type { FrameCounters } from "./replay.js";

/**
 * Like `prefer`, until ten telegrams in a row carried a good tag: on a line, or under a system title. From then on like `required`, for
 * both: a telegram in clear has no title, and a meter may come to another line.
 */
export interface Automatic {
	/** Good tags in a row on the line; they stay when there are enough. */
	tags: number;
	/** Telegrams that were refused for it. */
	refused: number;
}

/** So many good tags in a row are no accident. */
export const enoughTags = 10;

export function createAutomatic(): Automatic {
	return { tags: 0, refused: 0 };
}

/** What a frame needs, or with null a telegram in clear. */
export function choosePolicy(
	{ tags }: Automatic,
	{ meters }: FrameCounters,
	bytes: Uint8Array,
	apdu: Apdu | null,
): AuthenticationPolicy {
	if (tags >= enoughTags) return "required";
	if (apdu === null || meters.length === 0) return "prefer";
	const title = formatHex(bytes, apdu.titleStart, apdu.titleEnd);
	return meters.some(meter => meter.systemTitle === title && meter.tags >= enoughTags) ? "required" : "prefer";
}

/** A telegram is accepted: it continues the rows, or ends them. */
export function countTags(
	automatic: Automatic,
	{ meters }: FrameCounters,
	verdict: Verdict,
	title: string | null,
): void {
	automatic.tags = continueRow(automatic.tags, verdict);
	for (const meter of meters) {
		if (meter.systemTitle === title) meter.tags = continueRow(meter.tags, verdict);
	}
}

function continueRow(tags: number, verdict: Verdict): number {
	if (tags >= enoughTags) return tags;
	return verdict === "authenticated" ? tags + 1 : 0;
}

/** A telegram was refused: for this policy, if that asked for a tag. */
export function countRefusal(automatic: Automatic, fault: Fault): void {
	if (fault === "wrongAuthenticationKey" || fault === "unauthenticated") automatic.refused += 1;
}
