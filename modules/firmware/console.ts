/** The console: what is typed is answered, and each new line of the log is written. */
import { formatLine, type LogLine, type LogListener } from "../health/log.js";
import type { Console } from "../ports/ports.js";
import type { Paste } from "../settings/authority-console.js";
import { type ConsoleContext, interpret } from "../settings/console.js";
import { describeStatus } from "./console-status.js";
import { forget } from "./forget.js";
import { guard } from "./guard.js";
import { onPacket } from "./improv.js";
import { keepConsole } from "./lines.js";
import { commandLora } from "./lora.js";
import { restartFirmware } from "./run.js";
import { askForSetUp, FirmwarePlace, tellPage } from "./setup.js";
import type { Firmware } from "./state.js";

export function openConsole(firmware: Firmware): void {
	const { ports, log } = firmware;
	const panel = new ConsolePanel(firmware);
	panel.console = ports.openConsole(
		line => guard(firmware, "console", answer, { panel, line }),
		(type, data) => guard(firmware, "console", onPacket, { console: panel.console, type, data }),
	);
	for (const line of log.lines) panel.onLine(line);
	log.listener = panel;
}

function answer(firmware: Firmware, { panel, line }: { panel: ConsolePanel; line: string }): void {
	keepConsole(firmware);
	for (const text of interpret(panel, line)) panel.console.write(text);
}

/** What the console works on, and the log writes to. A class, whose methods lie in flash. */
class ConsolePanel extends FirmwarePlace implements ConsoleContext, LogListener {
	console!: Console;
	paste: Paste | null = null;

	onLine(line: LogLine): void {
		this.console.write(formatLine(line));
	}

	readCertificates(name: string): readonly Uint8Array[] {
		return this.firmware.ports.readCertificates?.(name) ?? [];
	}

	random(): number {
		return this.firmware.ports.random();
	}

	describeStatus(): string[] {
		return describeStatus(this.firmware);
	}

	describeLog(): string[] {
		return this.firmware.log.lines.map(formatLine);
	}

	restart(): void {
		restartFirmware(this.firmware);
	}

	askForSetUp(): string[] {
		return askForSetUp(this.firmware);
	}

	tellPage(): string | null {
		return tellPage(this.firmware);
	}

	commandLora(word: string): string[] {
		return commandLora(this.firmware, word);
	}

	forget(name: string): string[] {
		return forget(this.firmware, name);
	}
}
