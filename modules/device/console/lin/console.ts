import type { Console } from "../../../session/ports.js";
import type { Guard } from "../../guard.js";

/** On a PC the console only speaks: to standard output. */
export function openConsole(_guard: Guard, _onLine: (line: string) => void): Console {
	return {
		write(line) {
			trace(line, "\n");
		},
	};
}
