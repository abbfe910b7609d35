/** What device and network have agreed on how to reach each other: channels, windows, data rate, power. */
import { readNumber } from "./bytes.js";
import { channelCount, defaultFrequencies, fastestDataRate, secondWindowFrequency, subBandOf } from "./region.js";

export interface LinkSettings {
	/** Hz, of 16 channels; 0: there is none. */
	readonly frequencies: Uint32Array;
	/** Hz of the first window where it is another than the uplink's; else 0. */
	readonly downlinks: Uint32Array;
	/** Slowest data rate of each channel, and four bits further the fastest. */
	readonly ranges: Uint8Array;
	/** Channels that are used, a bit each. */
	mask: number;
	dataRate: number;
	/** 0 is the most, each step 2 dB less. */
	powerIndex: number;
	/** How often an uplink is sent that no downlink answers. */
	transmissions: number;
	/** No more than 1/2^n of the time, over all channels. */
	dutyExponent: number;
	/** From the end of an uplink to the first window, in seconds; the second follows after one more. */
	delay: number;
	/** The first window is so much slower than the uplink. */
	firstOffset: number;
	secondDataRate: number;
	secondFrequency: number;
	/** Answers to MAC commands for the next uplink: until the network hears them, it does not know of all this. */
	readonly answers: Uint8Array;
	answersLength: number;
}

/** Beside the payload a frame has room for so many. */
export const longestAnswers = 15;

/** DR3 reaches far, and ADR makes it faster. */
const firstDataRate = 3;
export const defaultMask = 7;

export function createLink(): LinkSettings {
	const link: LinkSettings = {
		frequencies: new Uint32Array(channelCount),
		downlinks: new Uint32Array(channelCount),
		ranges: new Uint8Array(channelCount),
		mask: 0,
		dataRate: 0,
		powerIndex: 0,
		transmissions: 1,
		dutyExponent: 0,
		delay: 1,
		firstOffset: 0,
		secondDataRate: 0,
		secondFrequency: 0,
		answers: new Uint8Array(longestAnswers),
		answersLength: 0,
	};
	resetLink(link);
	return link;
}

/** As before a join. */
export function resetLink(link: LinkSettings): void {
	link.frequencies.fill(0);
	link.downlinks.fill(0);
	link.ranges.fill(fastestDataRate << 4);
	for (let at = 0; at < defaultFrequencies.length; at += 1) link.frequencies[at] = defaultFrequencies[at];
	link.mask = defaultMask;
	link.dataRate = firstDataRate;
	link.powerIndex = 0;
	link.transmissions = 1;
	link.dutyExponent = 0;
	link.delay = 1;
	link.firstOffset = 0;
	link.secondDataRate = 0;
	link.secondFrequency = secondWindowFrequency;
	link.answersLength = 0;
}

/** Takes a join accept's list of five more channels, 15 bytes at `at`; of frequencies where nothing may be sent there is none. */
export function addChannels(link: LinkSettings, bytes: Uint8Array, at: number): void {
	for (let index = 0; index < 5; index += 1) {
		const frequency = readNumber(bytes, at + index * 3, 3) * 100;
		if (subBandOf(frequency) >= 0) setChannel(link, defaultFrequencies.length + index, frequency, fastestDataRate << 4);
	}
}

/** `frequency` 0 takes the channel away. What is new is used. */
export function setChannel(link: LinkSettings, channel: number, frequency: number, range: number): void {
	link.frequencies[channel] = frequency;
	link.downlinks[channel] = 0;
	link.ranges[channel] = range;
	link.mask = frequency === 0 ? link.mask & ~(1 << channel) : link.mask | (1 << channel);
}

/** All channels that there are, as a mask. */
export function definedMask(link: LinkSettings): number {
	let mask = 0;
	for (let at = 0; at < channelCount; at += 1) if (link.frequencies[at] !== 0) mask |= 1 << at;
	return mask;
}

/** Where no channel in use is for the data rate, the default ones are used: channels may go, and others are for some data rates only. */
export function repairMask(link: LinkSettings): void {
	if (!canUse(link, link.mask, link.dataRate)) link.mask |= defaultMask;
}

/** Whether a channel of the mask is for this data rate. */
export function canUse(link: LinkSettings, mask: number, dataRate: number): boolean {
	for (let at = 0; at < channelCount; at += 1) if (isUsable(link, mask, at, dataRate)) return true;
	return false;
}

export function isUsable(link: LinkSettings, mask: number, channel: number, dataRate: number): boolean {
	if (((mask >> channel) & 1) === 0 || link.frequencies[channel] === 0) return false;
	const range = link.ranges[channel];
	return dataRate >= (range & 15) && dataRate <= range >> 4;
}
