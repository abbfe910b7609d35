/** What the firmware asks of an end device (`state.ts`); `advance` (`advance.ts`) moves it on. */
import { adrAckLimit, backOff } from "./adr.js";
import { airtime } from "./airtime.js";
import { earliestTime } from "./channel-choice.js";
import { keepSticky, linkCheck } from "./commands.js";
import { fairUse, nextTime } from "./duty-cycle.js";
import { longestAnswers } from "./link.js";
import { longestContent, spreadingOf } from "./region.js";
import { reservedUplinks, type Session, writeSession } from "./session.js";
import type { EndDevice } from "./state.js";
import { ack, adr, adrAckRequest, uplinkLength, writeUplink } from "./uplink.js";

/** Bytes that the next uplink has room for, at today's data rate, beside what the device has to say itself. */
export function longestPayload(device: EndDevice): number {
	return longestContent(device.link.dataRate) - optionsLength(device);
}

/**
 * When an uplink of `length` bytes may begin: after `interval` ms from the last one, and when the law, the network and fair use allow it.
 * Infinity while there is no session.
 */
export function nextSendTime(device: EndDevice, length: number, interval: number, now: number): number {
	const { session, link, dutyCycle, options } = device;
	if (session === null) return Infinity;
	const airtimeMs = airtime(spreadingOf(link.dataRate), uplinkLength(optionsLength(device), 1, length), true);
	const fair = options.fairUse ? nextTime(dutyCycle, fairUse, airtimeMs, now) : now;
	const legal = earliestTime(device, false, link.dataRate, airtimeMs, now);
	return Math.max(now, device.lastUplink + interval, device.restEnd, fair, legal);
}

/**
 * Takes `length` bytes of `bytes` for port 1 to 223; port 0 is an empty uplink, in which a server may answer. The frame begins with the
 * next `advance`, so that time is right then, and no earlier than the law allows. False: not joined, not idle, too long for today's data
 * rate, or the store does not keep the counter. A confirmed one is sent once, or as often as the network says: then `acknowledged` says
 * what came of it, and who wants it to arrive sends it again.
 *
 * Some 2.5 M instructions; one time in 16 a write of the store.
 */
export function send(
	device: EndDevice,
	port: number,
	bytes: Uint8Array,
	length: number,
	isConfirmed: boolean,
	now: number,
): boolean {
	if (!(port >= 0 && port <= 223)) throw new RangeError(`a port is 0 to 223, not ${port}`);
	const { session, link } = device;
	if (session === null || device.phase !== "idle" || length > longestPayload(device)) return false;
	const counter = takeCounter(device, session);
	if (counter < 0) return false;
	if (backOff(link, device.unanswered) && device.joinTime === Infinity) device.joinTime = now;
	const { answers, answersLength } = link;
	const options = optionsLength(device);
	if (options > answersLength) answers[answersLength] = linkCheck;
	device.length = writeUplink(device.frame, session, {
		isConfirmed,
		control: adr | (device.unanswered >= adrAckLimit ? adrAckRequest : 0) | (device.owesAck ? ack : 0),
		counter,
		options: answers,
		optionsLength: options,
		port,
		payload: bytes,
		payloadLength: port === 0 ? 0 : length,
	});
	keepSticky(link);
	device.asksLinkCheck = false;
	device.owesAck = false;
	device.isPending = false;
	device.acknowledged = isConfirmed ? "pending" : device.acknowledged;
	device.unanswered += 1;
	device.isJoin = false;
	device.dataRate = link.dataRate;
	device.repeats = link.transmissions;
	device.lastUplink = now;
	device.phase = "waiting";
	device.deadline = now;
	return true;
}

/** Joins anew as soon as it may. The session stays in use until a network accepts. */
export function join(device: EndDevice, now: number): void {
	device.joinTime = Math.min(device.joinTime, now);
	device.joinAttempts = 0;
	if (device.phase === "idle") device.deadline = device.joinTime;
}

/** The counter of a new uplink; -1 where it could be used twice. */
function takeCounter(device: EndDevice, session: Session): number {
	if (session.fcntUp >= session.reserved) {
		try {
			const reserved = session.fcntUp + reservedUplinks;
			writeSession(device.storage, device.options.store, session, device.link, reserved);
		} catch {
			device.storeFailures += 1;
			return -1;
		}
	}
	session.fcntUp += 1;
	return session.fcntUp - 1;
}

/** MAC commands of the next uplink: answers, and a question if there is room. */
function optionsLength({ link: { answersLength }, asksLinkCheck }: EndDevice): number {
	return answersLength + (asksLinkCheck && answersLength < longestAnswers ? 1 : 0);
}
