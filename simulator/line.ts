/** Damage to frames and noise between them, from a seed. */

import { type Chance, drawBytes, drawInteger, happens } from "./chance.js";

/** What a bad line does to one frame. `none` leaves it whole. */
export type Damage = "none" | "flip" | "lose" | "double" | "cut-head" | "cut-tail" | "cut-middle";

/** Everything but `none`. */
export const damages: readonly Damage[] = ["flip", "lose", "double", "cut-head", "cut-tail", "cut-middle"];

/** A damaged copy. Apart from `none` it differs from the frame in at least one bit. The frame needs two bytes. */
export function damageFrame(frame: Uint8Array, damage: Damage, chance: Chance): Uint8Array {
	const at = drawInteger(chance, frame.length);
	const bytes = Array.from(frame);
	switch (damage) {
		case "none":
			break;
		case "flip":
			bytes[at]! ^= 1 << drawInteger(chance, 8);
			break;
		case "lose":
			bytes.splice(at, 1);
			break;
		case "double":
			bytes.splice(at, 0, bytes[at]!);
			break;
		case "cut-head":
			bytes.splice(0, 1 + drawInteger(chance, frame.length - 1));
			break;
		case "cut-tail":
			bytes.splice(1 + drawInteger(chance, frame.length - 1));
			break;
		case "cut-middle":
			bytes.splice(at, 1 + drawInteger(chance, 64));
			break;
	}
	return Uint8Array.from(bytes);
}

/** What may stand between two frames: silence, random bytes, or a false start. */
export function drawNoise(chance: Chance): Uint8Array {
	const falseStart = [0xdb, 0x08];
	switch (drawInteger(chance, 5)) {
		case 0:
			return new Uint8Array(0);
		case 1:
			return drawBytes(chance, 1 + drawInteger(chance, 40));
		case 2:
			return Uint8Array.from(falseStart);
		case 3:
			// A whole plausible header that promises more than comes before the next frame.
			return Uint8Array.from([
				...falseStart,
				...drawBytes(chance, 8),
				0x82,
				0x04,
				0x00,
				0x30,
				...drawBytes(chance, 20),
			]);
		default:
			return Uint8Array.from(Buffer.from("/Lux5 false start\r\n", "latin1"));
	}
}

export interface NoisyStream {
	bytes: Uint8Array;
	/** Which of the frames are in it undamaged, in order. */
	intact: number[];
}

/** All frames one after another with noise around them, a share `damaged` (0 to 1) of them spoilt. */
export function disturbFrames(frames: readonly Uint8Array[], damaged: number, chance: Chance): NoisyStream {
	const parts: Uint8Array[] = [drawNoise(chance)];
	const intact: number[] = [];
	frames.forEach((frame, at) => {
		const damage = happens(chance, damaged) ? damages[drawInteger(chance, damages.length)]! : "none";
		if (damage === "none") intact.push(at);
		parts.push(damageFrame(frame, damage, chance), drawNoise(chance));
	});
	return { bytes: new Uint8Array(Buffer.concat(parts)), intact };
}

/** Cuts a stream into the chunks a serial port might deliver, of 1 to `longest` bytes. */
export function chopStream(bytes: Uint8Array, longest: number, chance: Chance): Uint8Array[] {
	const chunks: Uint8Array[] = [];
	for (let start = 0; start < bytes.length; ) {
		const end = Math.min(bytes.length, start + 1 + drawInteger(chance, longest));
		chunks.push(bytes.subarray(start, end));
		start = end;
	}
	return chunks;
}
