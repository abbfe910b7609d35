/** The course of an end device: a join or an uplink, and the windows after it. */
import { airtime } from "./airtime.js";
import { chooseChannel, earliestTime } from "./channel-choice.js";
import { spend } from "./duty-cycle.js";
import { postponeJoin, prepareJoin, scheduleJoin, takeJoinAccept } from "./join-course.js";
import { takeDownlink } from "./reception.js";
import { mostPower, secondWindowFrequency, spreadingOf, subBandOf } from "./region.js";
import type { EndDevice } from "./state.js";
import { extendWindow, openFirst, openSecond, restoreWindow, syncWord } from "./windows.js";

/** How often the radio is looked at that should have ended its frame, and when it has failed. */
const sentPollMs = 20;
const sentTimeoutMs = 1_000;
/** Between a frame and its repeat: RETRANSMIT_TIMEOUT of 1 to 3 s. */
const repeatMs = 1_000;
const repeatSpreadMs = 2_000;
/** Events that one call takes: a radio that never says `none` is broken. */
const mostEvents = 8;

/**
 * Moves the device on. To be called at `deadline` and after an event of the radio, with the time as it is then. Late by 0.3 s it misses
 * nothing. Never throws, neither for what is on the air nor for a radio that fails.
 */
export function advance(device: EndDevice, now: number): void {
	try {
		step(device, now);
	} catch {
		device.radioFailures += 1;
		endCycle(device, now);
		postponeJoin(device, now);
		device.deadline = device.joinTime;
	}
}

function step(device: EndDevice, now: number): void {
	switch (device.phase) {
		case "idle":
			if (now >= device.joinTime) prepareJoin(device, now);
			break;
		case "waiting":
			transmit(device, now);
			break;
		case "sending":
			awaitSent(device, now);
			break;
		default:
			listen(device, now);
	}
}

/** Sends the frame where that may be now; else sets when it may. */
function transmit(device: EndDevice, now: number): void {
	const { isJoin, dataRate, link, options } = device;
	const spreading = spreadingOf(dataRate);
	const airtimeMs = airtime(spreading, device.length, true);
	const channel = now < device.restEnd ? -1 : chooseChannel(device, isJoin, dataRate, airtimeMs, now);
	if (channel < 0) {
		device.deadline = Math.max(device.restEnd, earliestTime(device, isJoin, dataRate, airtimeMs, now));
		return;
	}
	const frequency = link.frequencies[channel];
	// What a radio does not send after all is taken from the budget, too.
	spend(device.dutyCycle, subBandOf(frequency), airtimeMs, now);
	if (link.dutyExponent > 0) device.restEnd = now + airtimeMs * 2 ** link.dutyExponent;
	device.channel = channel;
	device.repeats -= 1;
	device.sent += 1;
	device.airtime += airtimeMs;
	const power = Math.min(options.power, mostPower - 2 * link.powerIndex) - options.antennaGain;
	const modulation = { frequency, spreading, inverted: false, crc: true, syncWord };
	options.radio.send(modulation, device.frame, device.length, Math.floor(power));
	device.start = now;
	device.phase = "sending";
	device.deadline = now + airtimeMs;
}

/** Where this program sees the end late, it knows when that was. */
function awaitSent(device: EndDevice, now: number): void {
	const computed = device.start + airtime(spreadingOf(device.dataRate), device.length, true);
	if (device.options.radio.look() !== "sent") {
		if (now >= computed + sentTimeoutMs) throw new Error("the radio does not end its frame");
		device.deadline = Math.max(computed, now + sentPollMs);
		return;
	}
	device.end = Math.min(now, computed);
	openFirst(device);
	device.deadline = Math.min(device.windowEnd, now + device.options.pollMs);
}

/** Takes what came, also where this program is late to look; then closes the window if it is time. */
function listen(device: EndDevice, now: number): void {
	const { radio, pollMs } = device.options;
	for (let count = 0; count < mostEvents; count += 1) {
		const event = radio.look();
		if (event === "none") break;
		if (event === "header") {
			extendWindow(device, now);
			continue;
		}
		restoreWindow(device);
		if (event === "damaged") device.drops.malformed += 1;
		if (event === "received" && takeFrame(device)) {
			endCycle(device, now);
			device.deadline = device.joinTime;
			return;
		}
	}
	if (now >= device.windowEnd) {
		if (device.phase === "second") {
			endWithout(device, now);
			return;
		}
		openSecond(device, secondWindowFrequency);
	}
	device.deadline = Math.min(device.windowEnd, now + pollMs);
}

function takeFrame(device: EndDevice): boolean {
	if (device.isJoin) return takeJoinAccept(device);
	return device.session !== null && takeDownlink(device, device.session);
}

/** Nothing came for this device. */
function endWithout(device: EndDevice, now: number): void {
	if (device.repeats === 0 || device.isJoin) {
		endCycle(device, now);
		device.deadline = device.joinTime;
		return;
	}
	device.options.radio.sleep();
	device.restEnd = Math.max(device.restEnd, now + repeatMs + Math.floor(device.options.chance() * repeatSpreadMs));
	device.phase = "waiting";
	device.deadline = device.restEnd;
}

function endCycle(device: EndDevice, now: number): void {
	device.phase = "idle";
	if (device.isJoin) scheduleJoin(device, now);
	else if (device.acknowledged === "pending") device.acknowledged = "no";
	device.isJoin = false;
	sleep(device);
}

function sleep(device: EndDevice): void {
	try {
		device.options.radio.sleep();
	} catch {
		// It is told what to do again before it is needed.
		device.radioFailures += 1;
	}
}
