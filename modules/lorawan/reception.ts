/** What a downlink does to the device. */
import { takeCommands } from "./commands.js";
import { pending, readDownlink } from "./downlink.js";
import { reservedUplinks, type Session, writeSession } from "./session.js";
import type { EndDevice } from "./state.js";
import { ack } from "./uplink.js";

const firstReservedPort = 224;

/** Takes the radio's frame; says whether it was the answer that the windows are for. */
export function takeDownlink(device: EndDevice, session: Session): boolean {
	const { radio } = device.options;
	const bytes = radio.frame;
	const frame = readDownlink(bytes, radio.length, session, session.fcntDown);
	if (typeof frame === "string") {
		device.drops[frame] += 1;
		return false;
	}
	session.fcntDown = frame.counter + 1;
	device.taken += 1;
	device.rssi = radio.rssi;
	device.snr = radio.snr;
	device.unanswered = 0;
	device.owesAck = frame.isConfirmed;
	device.isPending = (frame.control & pending) !== 0;
	// The answers that were repeated have arrived.
	device.link.answersLength = 0;
	takeCommands(device, bytes, frame.optionsStart, frame.optionsEnd);
	if (frame.port === 0) takeCommands(device, bytes, frame.payloadStart, frame.payloadEnd);
	// Before anything comes of it, so that it is not taken once more after a loss of power.
	keep(device, session);
	if ((frame.control & ack) !== 0 && device.acknowledged === "pending") device.acknowledged = "yes";
	if (frame.port >= firstReservedPort) device.drops.port += 1;
	else if (frame.port > 0) {
		device.downlink = { port: frame.port, bytes: bytes.slice(frame.payloadStart, frame.payloadEnd) };
	}
	return true;
}

function keep(device: EndDevice, session: Session): void {
	try {
		const reserved = session.fcntUp + reservedUplinks;
		writeSession(device.storage, device.options.store, session, device.link, reserved);
	} catch {
		// The downlink is here and true; without the store it could be sent once more after a restart.
		device.storeFailures += 1;
	}
}
