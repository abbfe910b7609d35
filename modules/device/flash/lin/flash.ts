import type { Flash } from "../../../session/ports.js";

/** A PC keeps no history. */
export function openFlash(): Flash | null {
	return null;
}
