/** Frames are read in steps, and what is expected is prepared in slices, so that nothing else waits long. */
import { abandon, isPreparing, isReading, prepare, proceed, type Reader } from "../p1/reader.js";
import { guard } from "./guard.js";
import type { Firmware } from "./state.js";

/** Between two slices, and so long a line must have been at rest. */
export const sliceMs = 20;

/** Takes the next step with a frame that a line holds; false where none does. A frame is read to its end, and then another line's. */
export function takeStep(firmware: Firmware): boolean {
	const { wires } = firmware;
	for (let count = 0; count < wires.length; count += 1) {
		const { reader } = wires[firmware.stepping]!;
		if (isReading(reader)) {
			if (!guard(firmware, "line", step, reader)) abandon(reader);
			if (reader.task.position < 0) firmware.stepping = (firmware.stepping + 1) % wires.length;
			return true;
		}
		firmware.stepping = (firmware.stepping + 1) % wires.length;
	}
	return false;
}

function step(_: Firmware, reader: Reader): void {
	proceed(reader);
}

export function isAnyPreparing({ wires }: Firmware): boolean {
	for (const { reader } of wires) if (isPreparing(reader)) return true;
	return false;
}

/** A slice for the first line that wants one of those that are asked, unless something is due soon, or its meter sends right now. */
export function prepareFrame(firmware: Firmware, now: number): void {
	if (firmware.runTime - now < sliceMs) return;
	for (const { current, reader } of firmware.wires) {
		if (current === null || !isPreparing(reader) || now - current.health.lastByte < sliceMs) continue;
		prepare(reader);
		return;
	}
}

export function isAnyReading({ wires }: Firmware): boolean {
	for (const { reader } of wires) if (isReading(reader)) return true;
	return false;
}
