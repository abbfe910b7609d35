/** There is no mDNS in the Linux build. */
import type { Guard } from "../../../ports/guard.js";

/** A PC has a responder of its own, which holds the port. */
export function createAnnouncer(_guard: Guard, _io: unknown): undefined {
	return undefined;
}
