import { note } from "../health/log.js";
import type { Firmware } from "./firmware.js";

/** Runs an entry point: whatever it throws is counted and noted, and the firmware goes on. */
export function guard(firmware: Firmware, where: string, work: () => void): boolean {
	try {
		work();
		return true;
	} catch (error) {
		noteException(firmware, where, error);
		return false;
	}
}

export function noteException(firmware: Firmware, where: string, error: unknown): void {
	firmware.exceptions++;
	const message = error instanceof Error ? error.message : String(error);
	note(firmware.log, `exception in ${where}: ${message}`, firmware.ports.clock.now());
}
