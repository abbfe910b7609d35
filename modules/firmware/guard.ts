/** What becomes of exceptions in the firmware: counted, noted, and the firmware goes on. */
import { note } from "../health/log.js";
import { attempt } from "../ports/guard.js";
import type { Firmware } from "./state.js";

/** Runs an entry point or a part of one; false when it threw. `where` names it in the log. */
export function guard(firmware: Firmware, where: string, work: () => void): boolean {
	return attempt(work, error => noteException(firmware, where, error));
}

export function noteException(firmware: Firmware, where: string, error: unknown): void {
	firmware.exceptions += 1;
	const message = error instanceof Error ? error.message : String(error);
	note(firmware.log, `exception in ${where}: ${message}`, firmware.ports.clock.now());
}
