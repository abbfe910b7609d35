/** EU868 (RP002-1.0.4, 2.4): frequencies, data rates and their limits. DR6 and DR7 are left out: no server needs them. */

/** Hz; channels 0 to 2 of every device. They cannot be taken away. */
export const defaultFrequencies: readonly number[] = Object.freeze([868_100_000, 868_300_000, 868_500_000]);
export const channelCount = 16;
export const fastestDataRate = 5;
/** Before the network says otherwise. */
export const secondWindowFrequency = 869_525_000;
/** dBm EIRP. */
export const mostPower = 16;
/** Steps of 2 dB down from there. */
export const leastPowerIndex = 7;

/** DR0 is SF12, DR5 is SF7. */
export function spreadingOf(dataRate: number): number {
	return 12 - dataRate;
}

/** Bytes of payload and MAC commands together, without a repeater. */
export function longestContent(dataRate: number): number {
	return dataRate < 3 ? 51 : dataRate === 3 ? 115 : 242;
}

/** From and to in units of 100 kHz, and airtime that the law allows in an hour, in ms (EN 300 220-2, table B.1). */
export const subBands: readonly (readonly [from: number, to: number, allowedMs: number])[] = Object.freeze(
	[
		[8_630, 8_650, 3_600],
		[8_650, 8_680, 36_000],
		[8_680, 8_686, 36_000],
		[8_687, 8_692, 3_600],
		[8_694, 8_696.5, 360_000],
		[8_697, 8_700, 36_000],
	] as const,
	true,
);

/** The sub-band in which a channel of 125 kHz lies whole; -1: in none, so nothing may be sent there. */
export function subBandOf(frequency: number): number {
	for (let at = 0; at < subBands.length; at += 1) {
		const [from, to] = subBands[at];
		if (frequency - 62_500 >= from * 100_000 && frequency + 62_500 <= to * 100_000) return at;
	}
	return -1;
}

/** Where the device may be told to listen. */
export function isInRegion(frequency: number): boolean {
	return frequency >= 863_000_000 && frequency <= 870_000_000;
}
