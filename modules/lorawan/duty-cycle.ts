/** How much the device may send: the law's airtime of each sub-band, and what community networks ask. */
import { subBands } from "./region.js";

/**
 * A bucket of airtime for each sub-band. It holds `bucketMs`, and in an hour so much flows in that both together are what the law
 * allows: so no hour, wherever it begins, has more. It is empty at the boot, so that this holds over restarts, too.
 */
export interface DutyCycle {
	/** Milliseconds of airtime, one for each sub-band, and last the fair use's. */
	readonly credits: number[];
	/** Up to when they are counted. */
	time: number;
}

/** The longest uplink takes 2793 ms: 51 bytes at DR0. */
export const bucketMs = 3_000;
const hourMs = 3_600_000;
/** The Things Network's fair use: 30 s of uplinks a day. */
const fairUseMs = 30_000;
const dayMs = 86_400_000;

/** The place of fair use, which is no law: its bucket is full at the boot. */
export const fairUse = subBands.length;

export function createDutyCycle(now: number): DutyCycle {
	const credits: number[] = [];
	for (let at = 0; at < subBands.length; at += 1) credits.push(0);
	credits.push(bucketMs);
	return { credits, time: now };
}

/** What flows in, in ms of airtime per ms. */
function rateOf(place: number): number {
	return place === fairUse ? (fairUseMs - bucketMs) / dayMs : (subBands[place][2] - bucketMs) / hourMs;
}

/** When so much may be sent in the sub-band; `now` where it may be at once. */
export function nextTime({ credits, time }: DutyCycle, place: number, airtimeMs: number, now: number): number {
	const wait = (Math.min(airtimeMs, bucketMs) - credits[place]) / rateOf(place);
	return Math.max(now, Math.ceil(time + wait));
}

/** Takes what is sent from the sub-band's bucket, and from that of fair use. */
export function spend(dutyCycle: DutyCycle, place: number, airtimeMs: number, now: number): void {
	const { credits, time } = dutyCycle;
	for (let at = 0; at < credits.length; at += 1) {
		credits[at] = Math.min(bucketMs, credits[at] + (now - time) * rateOf(at));
	}
	dutyCycle.time = now;
	credits[place] -= airtimeMs;
	credits[fairUse] -= airtimeMs;
}
