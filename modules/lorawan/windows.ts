/** The two windows after each frame, in which class A listens (3.3). */
import { airtime, symbolTime } from "./airtime.js";
import { longestContent, spreadingOf } from "./region.js";
import type { EndDevice } from "./state.js";

/** LoRaWAN's word: other LoRa is not heard. */
export const syncWord = 0x34;

/**
 * The radio receives over whole windows, not for the few symbols that a device on a battery can afford: the first window is open from the
 * frame's end on, so nothing has to be opened in time. A header has been received after 20.25 symbols; by then the first window may close.
 * The second begins 1 s after the first, so the first may be open as long as this, ...
 */
const firstWindowMs = 150;
/** ... or, at slow data rates, as long as a header takes and this: a program that is late by 0.3 s is in time for the second window. */
const firstMarginMs = 10;
const secondMarginMs = 300;
const headerSymbols = 21;
const joinDelayMs = 5_000;
const betweenWindowsMs = 1_000;
/** Header, port and MIC beside the content. */
const frameLength = 13;
const acceptLength = 33;

/** From the frame's end to the beginning of the first window. */
function delayOf({ isJoin, link }: EndDevice): number {
	return isJoin ? joinDelayMs : link.delay * 1_000;
}

/** The first window: so much slower than the uplink. */
function firstDataRate({ isJoin, link, dataRate }: EndDevice): number {
	return isJoin ? dataRate : Math.max(0, dataRate - link.firstOffset);
}

/** A join is answered as if nothing was agreed on yet, which is DR0. */
function secondDataRate({ isJoin, link }: EndDevice): number {
	return isJoin ? 0 : link.secondDataRate;
}

function headerMs(dataRate: number): number {
	return Math.ceil((symbolTime(spreadingOf(dataRate)) * headerSymbols) / 1_000);
}

/** Listens to the window after the frame that ended at `device.end`. */
export function openFirst(device: EndDevice): void {
	const { isJoin, link, channel } = device;
	const downlink = isJoin ? 0 : link.downlinks[channel];
	open(device, downlink === 0 ? link.frequencies[channel] : downlink, firstDataRate(device));
	device.phase = "first";
	device.windowEnd = endOf(device);
}

export function openSecond(device: EndDevice, defaultFrequency: number): void {
	open(device, device.isJoin ? defaultFrequency : device.link.secondFrequency, secondDataRate(device));
	device.phase = "second";
	device.windowEnd = endOf(device);
}

function open(device: EndDevice, frequency: number, dataRate: number): void {
	const spreading = spreadingOf(dataRate);
	device.options.radio.receive({ frequency, spreading, inverted: true, crc: false, syncWord });
}

/** When the window that is open closes, if no frame comes in. */
function endOf(device: EndDevice): number {
	const begin = device.end + delayOf(device);
	if (device.phase === "first") return begin + Math.max(firstWindowMs, headerMs(firstDataRate(device)) + firstMarginMs);
	return begin + betweenWindowsMs + headerMs(secondDataRate(device)) + secondMarginMs;
}

/** A frame comes in: the window stays open as long as the longest takes. */
export function extendWindow(device: EndDevice, now: number): void {
	const dataRate = device.phase === "first" ? firstDataRate(device) : secondDataRate(device);
	const length = device.isJoin ? acceptLength : longestContent(dataRate) + frameLength;
	device.windowEnd = Math.max(endOf(device), now + airtime(spreadingOf(dataRate), length, false));
}

/** The frame is in, and was none for this device. */
export function restoreWindow(device: EndDevice): void {
	device.windowEnd = endOf(device);
}
