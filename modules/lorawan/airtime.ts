/** How long a LoRa frame is in the air. */

/** Symbols of the preamble that a sender is told to send, with the sync word and the start of the frame after it: 8 + 4.25. */
const preambleQuarters = 49;
/** The symbols of a header, with the first bytes of the payload. */
const headerSymbols = 8;

/** Symbols of one length, in microseconds: 125 kHz. `spreading` is 7 to 12. */
export function symbolTime(spreading: number): number {
	return 8 << spreading;
}

/** Whether low data rate optimization is on: where a symbol takes longer than 16 ms (SX1276, 4.1.1.6). */
export function isSlow(spreading: number): boolean {
	return spreading >= 11;
}

/**
 * Exact microseconds of a frame of `length` bytes by the SX1276's data sheet, 4.1.1.7: 125 kHz, coding rate 4/5, explicit header,
 * a preamble of eight symbols. `crc`: the payload has one.
 */
export function airtimeMicroseconds(spreading: number, length: number, crc: boolean): number {
	const bits = 8 * length - 4 * spreading + 28 + (crc ? 16 : 0);
	const groups = Math.ceil(bits / (4 * (isSlow(spreading) ? spreading - 2 : spreading)));
	const symbols = headerSymbols + (groups > 0 ? 5 * groups : 0);
	return (preambleQuarters + 4 * symbols) * (2 << spreading);
}

/** The same in milliseconds, rounded up, so that what counts airtime never counts too little. */
export function airtime(spreading: number, length: number, crc: boolean): number {
	return Math.ceil(airtimeMicroseconds(spreading, length, crc) / 1000);
}

/** After how many milliseconds of a frame its header has been received, rounded up: 20.25 symbols. */
export function headerTime(spreading: number): number {
	return Math.ceil(((preambleQuarters + 4 * headerSymbols) * (2 << spreading)) / 1000);
}
