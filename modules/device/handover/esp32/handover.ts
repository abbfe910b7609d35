/** Before a connection goes from one of the SDK's sockets to another. */
import type TCP from "embedded:io/socket/tcp";

/** `smartyHandover.c`. */
export const handover = Object.freeze({
	/** What comes from now on waits for the new socket. */
	hold(from: TCP): void {
		native("smarty_handover_hold").call(this, from);
	},
});
