/** The console's serial port on the ESP32. */
import type { Typed, Uarts } from "device/uart";

/** The USB side of the board: what sends bytes, all of them or none. A debug build has none: the debugger holds its UART. */
export function openConsolePort(uarts: Uarts, typed: Typed): Uarts | null {
	try {
		uarts.openTerminal(typed);
		return uarts;
	} catch (error) {
		trace("No console: ", String(error), "\n");
		return null;
	}
}
