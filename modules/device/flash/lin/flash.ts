/** There is no flash in the Linux build. */
import type { Flash } from "../../../ports/ports.js";

/** A PC keeps no history. */
export function openFlash(): Flash | null {
	return null;
}
