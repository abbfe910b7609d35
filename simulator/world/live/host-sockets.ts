/** The computer's sockets as the network of the world in real time. */

import { type Connection, openConnection } from "../../../gateway/connection.js";
import type { Sockets } from "../network/socket.js";
import { enqueueExternal, type Realtime } from "./realtime.js";

/** The computer's network in the place of the world's: what comes from it is brought in at the world's realtime. */
export function createHostSockets(realtime: Realtime): Sockets {
	const open = new Set<Connection>();
	return {
		open(options, events) {
			let over = false;
			const enter = (happening: () => void) =>
				enqueueExternal(realtime, () => {
					if (!over) happening();
				});
			const connection = openConnection(options, {
				onResolved: () => enter(events.onResolved),
				onSecured: broker => enter(() => events.onSecured?.(broker)),
				onOpen: () => enter(events.onOpen),
				onData: bytes => enter(() => events.onData(bytes)),
				onEnd: error =>
					enter(() => {
						over = true;
						open.delete(ours);
						events.onEnd(error);
					}),
			});
			const ours: Connection = {
				write: (bytes, onWritten) => connection.write(bytes, () => enter(onWritten)),
				close() {
					over = true;
					open.delete(ours);
					connection.close();
				},
			};
			open.add(ours);
			return ours;
		},
		// The system tells the broker that the connection is over; there is no DISCONNECT before that.
		abandon() {
			for (const connection of open) connection.close();
		},
	};
}
