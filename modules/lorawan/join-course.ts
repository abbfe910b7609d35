/** The course of a join: a request, an accept, or the next request later and at another data rate. */
import { airtime } from "./airtime.js";
import { readJoinAccept, writeJoinRequest } from "./join.js";
import { addChannels, resetLink } from "./link.js";
import { fastestDataRate, spreadingOf } from "./region.js";
import { reservedUplinks, type Session, writeSession } from "./session.js";
import type { EndDevice } from "./state.js";

/** LoRaWAN 1.0.4, 7: requests take at most 1 % of the first hour, then 0.1 % of ten hours, then 0.01 %. */
const firstPartMs = 3_600_000;
const secondPartMs = 11 * 3_600_000;
/** Where the store or the radio fails. */
const failedMs = 60_000;
const lastDevNonce = 0xffff;

/** Makes the request; it begins with the next `advance`. No nonce goes out before the store has its successor. */
export function prepareJoin(device: EndDevice, now: number): void {
	const { storage, session, link, options } = device;
	const nonce = storage.devNonce;
	if (nonce > lastDevNonce) {
		// The network accepts no more from this device, until it is registered under another EUI.
		device.joinTime = Infinity;
		device.deadline = Infinity;
		return;
	}
	storage.devNonce = nonce + 1;
	try {
		writeSession(storage, options.store, session, link, session === null ? 0 : session.reserved);
	} catch {
		device.storeFailures += 1;
		device.joinTime = now + failedMs;
		device.deadline = device.joinTime;
		return;
	}
	if (device.joinAttempts === 0) device.joinSince = now;
	device.devNonce = nonce;
	device.length = writeJoinRequest(device.frame, options.credentials, nonce);
	device.isJoin = true;
	device.repeats = 1;
	device.dataRate = fastestDataRate - (device.joinAttempts % (fastestDataRate + 1));
	device.joinAttempts += 1;
	device.phase = "waiting";
	device.deadline = now;
}

/** Takes the radio's frame; says whether it was an accept. */
export function takeJoinAccept(device: EndDevice): boolean {
	const { storage, link, options, drops } = device;
	const accept = readJoinAccept(options.radio.frame, options.radio.length, options.credentials.appKey, device.devNonce);
	if (typeof accept === "string") {
		drops[accept] += 1;
		return false;
	}
	// 1.0.4 asks for a greater one; servers of 1.0.2 take it by chance, and are heard, too.
	if (accept.joinNonce === storage.joinNonce) {
		drops.replayed += 1;
		return false;
	}
	resetLink(link);
	link.delay = accept.delay;
	link.firstOffset = Math.min(accept.firstOffset, fastestDataRate);
	link.secondDataRate = Math.min(accept.secondDataRate, fastestDataRate);
	if (accept.frequencies !== null) addChannels(link, accept.frequencies, 0);
	// What reached the network reaches it again.
	link.dataRate = Math.min(link.dataRate, device.dataRate);
	const { devAddr, nwkSKey, appSKey } = accept;
	const session: Session = { devAddr, nwkSKey, appSKey, fcntUp: 0, reserved: 0, fcntDown: 0 };
	storage.joinNonce = accept.joinNonce;
	device.session = session;
	device.taken += 1;
	device.rssi = options.radio.rssi;
	device.snr = options.radio.snr;
	device.unanswered = 0;
	device.owesAck = false;
	device.restEnd = 0;
	device.joinAttempts = 0;
	try {
		writeSession(storage, options.store, session, link, reservedUplinks);
	} catch {
		// `reserved` is 0, so that the first uplink tries again.
		device.storeFailures += 1;
	}
	return true;
}

/** After the windows: when the next request is due, if one is. */
export function scheduleJoin(device: EndDevice, now: number): void {
	if (device.session !== null) {
		device.joinTime = Infinity;
		return;
	}
	const since = now - device.joinSince;
	const share = since < firstPartMs ? 100 : since < secondPartMs ? 1_000 : 10_000;
	const airtimeMs = airtime(spreadingOf(device.dataRate), device.length, true);
	device.joinTime = Math.max(now, device.start + Math.ceil(airtimeMs * share * (1 + device.options.chance() / 4)));
}

/** The radio failed. */
export function postponeJoin(device: EndDevice, now: number): void {
	if (device.session === null) device.joinTime = now + failedMs;
	else if (device.joinTime < Infinity) device.joinTime = Infinity;
}
