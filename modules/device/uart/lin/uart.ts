/** The UART port of the Linux build: a pseudo-terminal. */
import Serial from "embedded:io/serial";
import config from "mc/config";
import Timer from "timer";
import type { Guard } from "../../../ports/guard.js";
import type { LineConditions, OnReceive, Uart, UartOptions } from "../../../ports/ports.js";

/** How long what the system has may take to come. */
const lookMs = 100;

/** The meter's line is the pty or tty of `p1Device`; without one nothing is ever received. */
export function openUart(guard: Guard, _options: UartOptions, onReceive: OnReceive): Uart {
	const none: LineConditions | null = null;
	const device = config.p1Device;
	if (typeof device === "string" && device !== "") {
		new Serial({
			device,
			baud: 115200,
			format: "buffer",
			onReadable(this: Serial) {
				const bytes = this.read();
				if (bytes !== undefined) guard(() => onReceive(new Uint8Array(bytes), bytes.byteLength, none));
			},
		});
	}
	const look = () => guard(() => onReceive(new Uint8Array(0), 0, none));
	return { setRequest() {}, look: () => void Timer.set(look, lookMs) };
}
