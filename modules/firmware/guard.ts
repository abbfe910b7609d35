/** What becomes of exceptions in the firmware: counted, noted, and the firmware goes on. */
import { note } from "../health/log.js";
import type { Firmware } from "./state.js";

/**
 * Runs an entry point or a part of one on its subject; false when it threw. `where` names it in the log. What runs often is a function of
 * a module: one that is made for the call, an arrow, takes some 13 slots of XS, and its collector frees them only the second time.
 */
export function guard<T>(
	firmware: Firmware,
	where: string,
	work: (firmware: Firmware, subject: T) => unknown,
	subject: T,
): boolean {
	try {
		work(firmware, subject);
		return true;
	} catch (error) {
		noteException(firmware, where, error);
		return false;
	}
}

export function noteException(firmware: Firmware, where: string, error: unknown): void {
	firmware.exceptions += 1;
	const message = error instanceof Error ? error.message : String(error);
	note(firmware.log, `exception in ${where}: ${message}`, firmware.ports.clock.now());
}
