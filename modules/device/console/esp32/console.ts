/** The console's serial port on the ESP32. */
import type { Uarts } from "device/uart";

/** The USB side of the board: what sends bytes, all of them or none. A debug build has none: the debugger holds its UART. */
export function openConsolePort(
	uarts: Uarts,
	onBytes: (bytes: Uint8Array, count: number) => void,
): ((bytes: Uint8Array) => number) | null {
	try {
		return uarts.openTerminal(onBytes);
	} catch (error) {
		trace("No console: ", String(error), "\n");
		return null;
	}
}
