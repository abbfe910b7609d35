/** Quarter hours over LoRaWAN: as confirmed uplinks, several in one, until the network has acknowledged them. */
import { longestPayload, nextSendTime, send } from "./end-device.js";
import type { SenderHost } from "./part-type.js";
import { addQuarter, encodeQuarter, furtherLength, quarterLength, quarterPort } from "./payload.js";
import type { EndDevice } from "./state.js";

export interface LateQuarters {
	/** When the next may go. */
	time: number;
	/** How often they were not acknowledged in a row. */
	failures: number;
	isUnderWay: boolean;
	/** A payload of them that waits or is under way; null and 0 where there is none. */
	bytes: Uint8Array | null;
	length: number;
}

/** Where ten downlinks a day are all there is: so many acknowledgements are asked for, and some downlinks are left for the network. */
const fairLateMs = 9_000_000;
/** The longest wait after some that were not acknowledged. */
const longestRetryMs = 900_000;

export function createLateQuarters(now: number): LateQuarters {
	return { time: now, failures: 0, isUnderWay: false, bytes: null, length: 0 };
}

/** Puts as many as follow one another and have room into one payload, which then waits for its turn. To be called in each run: a search takes some calls. */
export function gatherLate(late: LateQuarters, device: EndDevice, host: SenderHost, now: number): void {
	if (now < late.time || late.isUnderWay) return;
	const most = longestPayload(device);
	if (late.length > 0 && late.length <= most) return;
	// The data rate is a slower one now.
	endLate(late, host, false);
	let last = host.peekLate();
	if (last === null || most < quarterLength) return;
	const bytes = new Uint8Array(most + furtherLength);
	let length = encodeQuarter(last, bytes);
	host.takeLate();
	for (let next = host.peekLate(); next !== null; next = host.peekLate()) {
		const longer = addQuarter(last, next, bytes, length);
		if (longer === length || longer > most) break;
		length = longer;
		last = next;
		host.takeLate();
	}
	late.bytes = bytes;
	late.length = length;
}

/** False where it may not be sent yet. */
export function sendLate(late: LateQuarters, device: EndDevice, interval: number, now: number): boolean {
	const { bytes, length } = late;
	if (bytes === null || nextSendTime(device, length, interval, now) > now) return false;
	late.isUnderWay = send(device, quarterPort, bytes, length, true, now);
	return late.isUnderWay;
}

/** After `advance`: what became of those that were under way. */
export function noteAcknowledgement(
	late: LateQuarters,
	{ acknowledged }: EndDevice,
	host: SenderHost,
	fairUse: boolean,
	interval: number,
	now: number,
): void {
	if (!late.isUnderWay || acknowledged === "pending") return;
	const arrived = acknowledged === "yes";
	endLate(late, host, arrived);
	late.failures = arrived ? 0 : late.failures + 1;
	const pause = Math.min(longestRetryMs, interval * 2 ** Math.min(8, late.failures));
	late.time = now + (!arrived ? pause : fairUse ? fairLateMs : 0);
}

/** They arrived, or will be taken again. */
export function endLate(late: LateQuarters, host: SenderHost, arrived: boolean): void {
	if (late.bytes !== null) host.endLate(arrived);
	late.bytes = null;
	late.length = 0;
	late.isUnderWay = false;
}
