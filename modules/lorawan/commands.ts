/** MAC commands of a network (5), and the answers to them. */
import { readNumber } from "./bytes.js";
import { canUse, definedMask, type LinkSettings, longestAnswers, repairMask, setChannel } from "./link.js";
import { channelCount, defaultFrequencies, fastestDataRate, isInRegion, leastPowerIndex, subBandOf } from "./region.js";
import type { EndDevice } from "./state.js";

export const linkCheck = 0x02;
const linkAdr = 0x03;
const dutyCycle = 0x04;
const rxParamSetup = 0x05;
const devStatus = 0x06;
const newChannel = 0x07;
const rxTimingSetup = 0x08;
const dlChannel = 0x0a;

/** What a command is followed by, by its number; -1: it is none of 1.0.4 for class A. */
const requestLengths: readonly number[] = Object.freeze([-1, -1, 2, 4, 1, 4, 0, 5, 1, 1, 4, -1, -1, 5]);
const adrLength = 1 + 4;
/** Nibble of LinkADRReq: as it is. */
const keep = 15;
const mostOffset = 5;

/** Takes the commands in `bytes` from `start` to `end`. An unknown one ends the list, and so does one that is cut off. */
export function takeCommands(device: EndDevice, bytes: Uint8Array, start: number, end: number): void {
	takeList(device, bytes, start, end);
	repairMask(device.link);
}

function takeList(device: EndDevice, bytes: Uint8Array, start: number, end: number): void {
	let at = start;
	while (at < end) {
		const command = bytes[at];
		const length = command < requestLengths.length ? requestLengths[command] : -1;
		if (length < 0 || at + 1 + length > end) return;
		if (command === linkAdr) {
			at = takeLinkAdr(device, bytes, at, end);
		} else {
			takeCommand(device, command, bytes, at + 1);
			at += 1 + length;
		}
	}
}

function takeCommand(device: EndDevice, command: number, bytes: Uint8Array, at: number): void {
	const { link } = device;
	switch (command) {
		case linkCheck:
			device.margin = bytes[at];
			device.gateways = bytes[at + 1];
			break;
		case dutyCycle:
			link.dutyExponent = bytes[at] & 15;
			answer(link, command, 0);
			break;
		case rxParamSetup:
			answer(link, command, 1, takeRxParamSetup(link, bytes, at));
			break;
		case devStatus:
			// 0: on external power. Then 6 bits of the SNR in dB.
			answer(link, command, 2, 0, Math.max(-32, Math.min(31, Math.round((device.snr ?? 0) / 4))) & 63);
			break;
		case newChannel:
			answer(link, command, 1, takeNewChannel(link, bytes, at));
			break;
		case rxTimingSetup:
			link.delay = Math.max(1, bytes[at] & 15);
			answer(link, command, 0);
			break;
		case dlChannel:
			answer(link, command, 1, takeDlChannel(link, bytes, at));
			break;
		default:
			// TXParamSetup is not for this region, and the time of DeviceTime was not asked for: both are passed over.
			break;
	}
}

/** Several in a row are one block: all hold or none, and each has the same answer (5.2). Returns where the block ends. */
function takeLinkAdr(device: EndDevice, bytes: Uint8Array, start: number, end: number): number {
	const { link } = device;
	let isMaskGood = true;
	let mask = link.mask;
	let at = start;
	for (; at + adrLength <= end && bytes[at] === linkAdr; at += adrLength) {
		const control = (bytes[at + 4] >> 4) & 7;
		if (control === 0) mask = readNumber(bytes, at + 2, 2);
		else if (control === 6) mask = definedMask(link);
		else isMaskGood = false;
	}
	isMaskGood = isMaskGood && mask !== 0 && (mask & ~definedMask(link)) === 0;
	const last = at - adrLength;
	const wanted = bytes[last + 1];
	const dataRate = wanted >> 4 === keep ? link.dataRate : wanted >> 4;
	const powerIndex = (wanted & 15) === keep ? link.powerIndex : wanted & 15;
	// Where the channels are refused, the data rate is looked at with those that are.
	const isRateGood = canUse(link, isMaskGood ? mask : link.mask, dataRate);
	const status = (isMaskGood ? 1 : 0) | (isRateGood ? 2 : 0) | (powerIndex <= leastPowerIndex ? 4 : 0);
	if (status === 7) {
		link.mask = mask;
		link.dataRate = dataRate;
		link.powerIndex = powerIndex;
		link.transmissions = Math.max(1, bytes[last + 4] & 15);
	}
	for (let answered = start; answered < at; answered += adrLength) answer(link, linkAdr, 1, status);
	return at;
}

function takeRxParamSetup(link: LinkSettings, bytes: Uint8Array, at: number): number {
	const offset = (bytes[at] >> 4) & 7;
	const dataRate = bytes[at] & 15;
	const frequency = readNumber(bytes, at + 1, 3) * 100;
	const status =
		(isInRegion(frequency) ? 1 : 0) | (dataRate <= fastestDataRate ? 2 : 0) | (offset <= mostOffset ? 4 : 0);
	if (status !== 7) return status;
	link.firstOffset = offset;
	link.secondDataRate = dataRate;
	link.secondFrequency = frequency;
	return status;
}

function takeNewChannel(link: LinkSettings, bytes: Uint8Array, at: number): number {
	const channel = bytes[at];
	const frequency = readNumber(bytes, at + 1, 3) * 100;
	const range = bytes[at + 4];
	if (channel < defaultFrequencies.length || channel >= channelCount) return 0;
	const isFrequencyGood = frequency === 0 || subBandOf(frequency) >= 0;
	const isRangeGood = (range & 15) <= range >> 4 && range >> 4 <= fastestDataRate;
	const status = (isFrequencyGood ? 1 : 0) | (isRangeGood ? 2 : 0);
	if (status === 3) setChannel(link, channel, frequency, range);
	return status;
}

function takeDlChannel(link: LinkSettings, bytes: Uint8Array, at: number): number {
	const channel = bytes[at];
	const frequency = readNumber(bytes, at + 1, 3) * 100;
	const isDefined = channel < channelCount && link.frequencies[channel] !== 0;
	const status = (isInRegion(frequency) ? 1 : 0) | (isDefined ? 2 : 0);
	if (status === 3) link.downlinks[channel] = frequency;
	return status;
}

/** Adds `length` bytes of answer where there is room for all of them: the network asks again for what it does not get. */
function answer(link: LinkSettings, command: number, length: number, first = 0, second = 0): void {
	const { answers, answersLength } = link;
	if (answersLength + 1 + length > longestAnswers) return;
	answers[answersLength] = command;
	if (length > 0) answers[answersLength + 1] = first;
	if (length > 1) answers[answersLength + 2] = second;
	link.answersLength += 1 + length;
}

/** After an uplink: answers that say where and when the device listens are repeated until a downlink shows that they came. */
export function keepSticky(link: LinkSettings): void {
	const { answers, answersLength } = link;
	let kept = 0;
	for (let at = 0; at < answersLength; ) {
		const command = answers[at];
		const length = answerLength(command);
		if (command === rxParamSetup || command === rxTimingSetup || command === dlChannel) {
			for (let index = 0; index < length; index += 1) answers[kept + index] = answers[at + index];
			kept += length;
		}
		at += length;
	}
	link.answersLength = kept;
}

/** With the command itself. */
function answerLength(command: number): number {
	return command === devStatus ? 3 : command === dutyCycle || command === rxTimingSetup ? 1 : 2;
}
