/** What the stack and plain LoRa ask of a radio, whatever its chip. */

/** One LoRa channel: 125 kHz, coding rate 4/5, explicit header, preamble of eight symbols. */
export interface Modulation {
	/** Hz. */
	frequency: number;
	/** 7 to 12. */
	spreading: number;
	/** True for a downlink of LoRaWAN. */
	inverted: boolean;
	/** The payload has a CRC: an uplink's. */
	crc: boolean;
	/** 0x34 LoRaWAN, 0x12 private. */
	syncWord: number;
}

/** What became of the radio since it was looked at: `sent`, a header is in, a frame is in, or one was damaged. */
export type RadioEvent = "none" | "sent" | "header" | "received" | "damaged";

/** A transceiver. No call waits for the air; what came of it is found by `look`. Throws where the chip does not answer. */
export interface Radio {
	/** `power`: dBm at the antenna's connector. `bytes` are copied. */
	send(modulation: Modulation, bytes: Uint8Array, length: number, power: number): void;
	/** Receives from now on, until something else is asked. */
	receive(modulation: Modulation): void;
	/** Neither sends nor receives. */
	sleep(): void;
	/** To be called after `onEvent`, and each 20 ms while something is awaited. */
	look(): RadioEvent;
	/** The frame of the last `received`, valid until the next call. */
	readonly frame: Uint8Array;
	readonly length: number;
	/** Of that frame: dBm, and quarters of a dB. */
	readonly rssi: number;
	readonly snr: number;
}
