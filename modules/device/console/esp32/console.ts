import { openTerminal } from "device/uart";
import type { Console } from "../../../session/ports.js";
import type { Guard } from "../../guard.js";

/** Characters of a line; a longer one is dropped whole. */
const longest = 256;
const backspace = 8;
const lineFeed = 10;
const carriageReturn = 13;
const deleteCharacter = 127;

/** Lines of text on the USB side, echoed. A debug build has no console: the debugger holds its UART. */
export function openConsole(guard: Guard, onLine: (line: string) => void): Console {
	let line = "";
	let write: ((bytes: Uint8Array) => number) | null = null;

	function send(text: string): void {
		write?.(new Uint8Array(ArrayBuffer.fromString(text)));
	}

	function accept(character: number): void {
		if (character === carriageReturn || character === lineFeed) {
			if (line.length === 0) return;
			const whole = line;
			line = "";
			send("\r\n");
			if (whole.length <= longest) onLine(whole);
			else send("That line is too long.\r\n");
		} else if (character === backspace || character === deleteCharacter) {
			if (line.length > 0) send("\b \b");
			line = line.slice(0, -1);
		} else if (character >= 32 && character < 127 && line.length <= longest) {
			line += String.fromCharCode(character);
			send(String.fromCharCode(character));
		}
	}

	try {
		write = openTerminal(guard, (bytes, count) => {
			for (let at = 0; at < count; at++) accept(bytes[at]!);
		});
	} catch (error) {
		trace("No console: ", String(error), "\n");
	}
	return {
		write(text) {
			if (write === null) trace(text, "\n");
			else send(`${text}\r\n`);
		},
	};
}
