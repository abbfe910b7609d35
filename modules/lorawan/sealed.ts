/**
 * The sealed frame of plain LoRa, which only the owner of its key reads, and nobody else can make:
 *
 * | bytes  | what                                                                         |
 * | ------ | ---------------------------------------------------------------------------- |
 * | 1      | 0x53                                                                         |
 * | 1      | the payload's form: the number of LoRaWAN's port                             |
 * | 8      | the device's number, most significant byte first                             |
 * | 4      | the frame's number, likewise: rises with each frame, and never comes again   |
 * | n      | the payload, AES-128-GCM with the two numbers as nonce                       |
 * | 12     | the tag, of the payload and of all that is before it                         |
 */
import type { Modulation } from "./radio.js";

export const sealedMark = 0x53;
export const sealedHead = 14;
export const sealedTag = 12;

/** Spreading factor 9 reaches 5 dB further than SmartyReader's 7. */
export const sealedModulation: Readonly<Modulation> = Object.freeze({
	frequency: 868_300_000,
	spreading: 9,
	inverted: false,
	crc: true,
	syncWord: 0x12,
});

/** Encrypts bytes from `start` to `end` in place and writes the tag after them. */
export type Seal = (nonce: Uint8Array, additional: Uint8Array, bytes: Uint8Array, start: number, end: number) => void;

/** Makes the frame in `frame`, whose bytes from 14 on are the payload of `length` bytes. Gives the frame's length. */
export function sealFrame(
	seal: Seal,
	device: Uint8Array,
	counter: number,
	port: number,
	frame: Uint8Array,
	length: number,
): number {
	frame[0] = sealedMark;
	frame[1] = port;
	frame.set(device, 2);
	new DataView(frame.buffer, frame.byteOffset).setUint32(10, counter);
	const end = sealedHead + length;
	seal(frame.subarray(2, sealedHead), frame.subarray(0, sealedHead), frame, sealedHead, end);
	return end + sealedTag;
}
