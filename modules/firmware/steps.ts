/** Frames are read in steps, and what is expected is prepared in slices, so that nothing else waits long. */
import { abandon, isPreparing, isReading, prepare, proceed, type Reader } from "../p1/reader.js";
import { guard } from "./guard.js";
import type { Firmware } from "./state.js";

/** Between two slices, and so long a line must have been at rest. */
export const sliceMs = 20;

/** Takes the next step with a frame that a line holds; false where none does. */
export function takeStep(firmware: Firmware): boolean {
	for (const { reader } of firmware.lines) {
		if (!isReading(reader)) continue;
		if (!guard(firmware, "line", step, reader)) abandon(reader);
		return true;
	}
	return false;
}

function step(_: Firmware, reader: Reader): void {
	proceed(reader);
}

export function isAnyPreparing({ lines }: Firmware): boolean {
	for (const { reader } of lines) if (isPreparing(reader)) return true;
	return false;
}

/** A slice for the first line that wants one, unless something is due soon, or its meter sends right now. */
export function prepareFrame(firmware: Firmware, now: number): void {
	if (firmware.runTime - now < sliceMs) return;
	for (const { reader, health } of firmware.lines) {
		if (!isPreparing(reader) || now - health.lastByte < sliceMs) continue;
		prepare(reader);
		return;
	}
}

export function isAnyReading({ lines }: Firmware): boolean {
	for (const { reader } of lines) if (isReading(reader)) return true;
	return false;
}
