/** The console port. */
import { openConsolePort } from "device/console";
import type { Uarts } from "device/uart";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { Console } from "../ports/ports.js";
import { createLineEditor, flush, print, typeByte } from "../settings/line-editor.js";

/** How long a text waits for room in the driver's ring before it is tried again: 230 bytes at 115200 baud. */
const retryMs = 20; // ms

/** Lines of text, echoed; to standard output where there is no port for them. */
export function openConsole(guard: Guard, uarts: Uarts, onLine: (line: string) => void): Console {
	let timer: ReturnType<typeof Timer.set> | undefined;
	const write = openConsolePort(uarts, (bytes, count) => {
		for (let at = 0; at < count; at++) {
			const line = typeByte(terminal, bytes[at]!);
			if (line !== null) onLine(line);
		}
		drain();
	});
	const terminal = createLineEditor(bytes => write?.(bytes) ?? bytes.length);

	function drain(): void {
		if (timer !== undefined || flush(terminal)) return;
		timer = Timer.set(() => {
			timer = undefined;
			guard(drain);
		}, retryMs);
	}

	return {
		write(text) {
			if (write === null) {
				trace(text, "\n");
				return;
			}
			print(terminal, new Uint8Array(ArrayBuffer.fromString(`${text}\r\n`)));
			drain();
		},
	};
}
