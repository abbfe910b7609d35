/** The console port. */
import { openConsolePort } from "device/console";
import type { Uarts } from "device/uart";
import Timer from "timer";
import type { Guard } from "../ports/guard.js";
import type { Console, OnPacket } from "../ports/ports.js";
import { createLineEditor, flush, print, typeByte } from "../settings/line-editor.js";
import { createPacketFilter, filterByte, giveUpHeld } from "../setup/packets.js";

/** How long a text waits for room in the driver's ring before it is tried again: 230 bytes at 115200 baud. */
const retryMs = 20; // ms
/** How long the rest of a packet may take: what a program sends comes in one go, and what a person types does not. */
const packetMs = 100;

/** Lines of text, echoed; to standard output where there is no port for them. */
export function openConsole(guard: Guard, uarts: Uarts, onLine: (line: string) => void, onPacket: OnPacket): Console {
	let timer: ReturnType<typeof Timer.set> | undefined;
	let packetTimer: ReturnType<typeof Timer.set> | undefined;
	const filter = createPacketFilter();
	const type = (byte: number) => {
		const line = typeByte(terminal, byte);
		if (line !== null) onLine(line);
	};
	const write = openConsolePort(uarts, (bytes, count) => {
		Timer.clear(packetTimer);
		for (let at = 0; at < count; at++) filterByte(filter, bytes[at]!, type, onPacket);
		packetTimer = filter.held.length === 0 ? undefined : Timer.set(() => guard(giveUp), packetMs);
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

	function giveUp(): void {
		packetTimer = undefined;
		giveUpHeld(filter, type);
		drain();
	}

	return {
		send(bytes) {
			print(terminal, bytes);
			drain();
		},
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
