/** SmartyReader's frame over plain LoRa: everyone reads it, and anyone can send one. */
import type { Modulation } from "./radio.js";

/** The edge of two sub-bands, each of which allows 1 %. No CRC: its gateways do not know of damage. */
export const smartyReaderModulation: Readonly<Modulation> = Object.freeze({
	frequency: 868_000_000,
	spreading: 7,
	inverted: false,
	crc: false,
	syncWord: 0x12,
});

/** To the gateway, from the reader; then the frame's number, and the length of the text. */
export const gatewayAddress = 0xfe;
export const readerAddress = 0x05;
export const smartyReaderHead = 4;

/** Writes the head of a frame whose text of `length` bytes is there. Gives the frame's length. */
export function addressFrame(frame: Uint8Array, number: number, length: number): number {
	frame[0] = gatewayAddress;
	frame[1] = readerAddress;
	frame[2] = number & 255;
	frame[3] = length;
	return smartyReaderHead + length;
}
