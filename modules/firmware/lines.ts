/** The lines of meters: opened at the boot, or later where memory was short then. */
import { note } from "../health/log.js";
import { noteLine } from "../health/meter.js";
import { accept, expire, isReading } from "../p1/reader.js";
import type { LineConditions } from "../ports/ports.js";
import { guard, noteException } from "./guard.js";
import type { Firmware, Line } from "./state.js";

const reopenMs = 30_000;

/** Opens what is not open. `onFrame`: a line holds a frame that wants to be read. */
export function openLines(firmware: Firmware, now: number, onFrame: (firmware: Firmware) => void): void {
	for (const line of firmware.lines) {
		if (line.uart !== null || now < line.openTime) continue;
		line.openTime = now + reopenMs;
		if (!guard(firmware, "line", openLine, { line, onFrame })) {
			note(firmware.log, `line: next try in ${reopenMs / 1000} s`, now);
		}
	}
}

function openLine(firmware: Firmware, { line, onFrame }: { line: Line; onFrame: (firmware: Firmware) => void }): void {
	line.uart = firmware.ports.openUart(firmware.checked.settings, (bytes, count, conditions) => {
		// Some ten times per telegram: without a function that is made for `guard`.
		try {
			receive(firmware, line, bytes, count, conditions);
			if (isReading(line.reader)) onFrame(firmware);
		} catch (error) {
			noteException(firmware, "line", error);
		}
	});
	line.uart.setRequest(true);
}

/** What the line delivered; nothing at all says that it is silent. */
function receive(
	firmware: Firmware,
	line: Line,
	bytes: Uint8Array,
	count: number,
	conditions: LineConditions | null,
): void {
	const now = firmware.ports.clock.now();
	noteLine(line.health, count, conditions, now);
	if (count > 0) accept(line.reader, bytes, 0, count, now);
	else if (conditions === null) expire(line.reader, now);
}
