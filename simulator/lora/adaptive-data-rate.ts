/** A network's side of adaptive data rate: Semtech's published algorithm, over the best of 20 uplinks. */

import type { Believed } from "./mac-answers.js";

export interface AdrHistory {
	snrs: number[];
	powerIndex: number;
}

const needed = 20;
/** dB that are kept for worse weather. */
const reserve = 10;
const step = 3;
const mostPowerIndex = 7;
const linkAdr = 0x03;

export function createHistory(): AdrHistory {
	return { snrs: [], powerIndex: 0 };
}

/** Notes how an uplink was heard; once in 20 the LinkADRReq that follows, or nothing where all is as it should be. */
export function noteUplink(history: AdrHistory, snr: number, dataRate: number, { channels }: Believed): number[] {
	history.snrs.push(snr);
	if (history.snrs.length < needed) return [];
	// What a receiver needs: -20 dB at DR0, 2.5 dB more at each step.
	const margin = Math.max(...history.snrs) - (-20 + 2.5 * dataRate) - reserve;
	history.snrs = [];
	let steps = Math.trunc(margin / step);
	let rate = dataRate;
	let { powerIndex } = history;
	for (; steps > 0 && rate < 5; steps -= 1) rate += 1;
	for (; steps > 0 && powerIndex < mostPowerIndex; steps -= 1) powerIndex += 1;
	for (; steps < 0 && powerIndex > 0; steps += 1) powerIndex -= 1;
	if (rate === dataRate && powerIndex === history.powerIndex) return [];
	history.powerIndex = powerIndex;
	let mask = 0;
	for (const channel of channels.keys()) mask |= 1 << channel;
	return [linkAdr, (rate << 4) | powerIndex, mask & 255, mask >> 8, 0x01];
}
