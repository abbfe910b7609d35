/** When and on which channel a frame may be sent. */
import { nextTime } from "./duty-cycle.js";
import { defaultMask, isUsable } from "./link.js";
import { channelCount, subBandOf } from "./region.js";
import type { EndDevice } from "./state.js";

/** The earliest time at which one of the channels for the data rate has so much airtime; `now` where one has it at once. */
export function earliestTime(
	device: EndDevice,
	isJoin: boolean,
	dataRate: number,
	airtimeMs: number,
	now: number,
): number {
	let earliest = Infinity;
	for (let channel = 0; channel < channelCount; channel += 1) {
		const time = channelTime(device, isJoin, dataRate, channel, airtimeMs, now);
		if (time < earliest) earliest = time;
	}
	return earliest;
}

/** One of the channels that may be used now, by chance; -1: none. */
export function chooseChannel(
	device: EndDevice,
	isJoin: boolean,
	dataRate: number,
	airtimeMs: number,
	now: number,
): number {
	let count = 0;
	let chosen = -1;
	for (let channel = 0; channel < channelCount; channel += 1) {
		if (channelTime(device, isJoin, dataRate, channel, airtimeMs, now) > now) continue;
		count += 1;
		// Each takes the place of those before it once in `count`: all are equally likely.
		if (device.options.chance() * count < 1) chosen = channel;
	}
	return chosen;
}

/** A join request goes to the default channels, whatever the network said. */
function channelTime(
	device: EndDevice,
	isJoin: boolean,
	dataRate: number,
	channel: number,
	airtimeMs: number,
	now: number,
): number {
	const { link, dutyCycle } = device;
	if (!isUsable(link, isJoin ? defaultMask : link.mask, channel, dataRate)) return Infinity;
	return nextTime(dutyCycle, subBandOf(link.frequencies[channel]), airtimeMs, now);
}
