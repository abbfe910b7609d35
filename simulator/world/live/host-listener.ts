/** Ports of the computer's for the board in the world in real time. */

import { openTcpListener } from "../../../gateway/listener.js";
import type { StreamEvents } from "../../../modules/ports/ports.js";
import type { OpenListener } from "../board/state.js";
import { enqueueExternal, type Realtime } from "./realtime.js";

/** Only this computer can connect: the board is a simulated one. What happens is brought in at the world's own time. */
export function createHostListener(realtime: Realtime): OpenListener {
	return (port, admit) =>
		openTcpListener(
			port,
			"127.0.0.1",
			stream => {
				let events: StreamEvents | null = null;
				enqueueExternal(realtime, () => {
					events = admit(stream);
				});
				return {
					onData(bytes, count) {
						const copy = bytes.slice(0, count);
						enqueueExternal(realtime, () => events?.onData(copy, count));
					},
					onWritable: () => enqueueExternal(realtime, () => events?.onWritable()),
					onEnd: () => enqueueExternal(realtime, () => events?.onEnd()),
				};
			},
			() => {},
		);
}
