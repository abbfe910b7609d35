/** The console: what is typed is answered, and each new line of the log is written. */
import { formatLine } from "../health/log.js";
import { type ConsoleContext, interpret } from "../settings/console.js";
import { describeStatus } from "./console-status.js";
import { forget } from "./forget.js";
import { guard } from "./guard.js";
import { onPacket } from "./improv.js";
import { keepConsole } from "./lines.js";
import { commandLora } from "./lora.js";
import { restartFirmware } from "./run.js";
import { askForSetUp, createPlace, tellPage } from "./setup.js";
import type { Firmware } from "./state.js";

export function openConsole(firmware: Firmware): void {
	const { ports, log } = firmware;
	const console = ports.openConsole(
		line =>
			guard(
				firmware,
				"console",
				() => {
					keepConsole(firmware);
					answer(line);
				},
				null,
			),
		(type, data) => guard(firmware, "console", () => onPacket(firmware, console, type, data), null),
	);
	const answer = (line: string) => {
		for (const text of interpret(panel, line)) console.write(text);
	};
	const panel: ConsoleContext = {
		...createPlace(firmware),
		readCertificates: ports.readCertificates,
		paste: null,
		describeStatus: () => describeStatus(firmware),
		describeLog: () => log.lines.map(formatLine),
		restart: () => restartFirmware(firmware),
		askForSetUp: () => askForSetUp(firmware),
		random: ports.random,
		tellPage: () => tellPage(firmware),
		commandLora: word => commandLora(firmware, word),
		forget: name => forget(firmware, name),
	};
	for (const line of log.lines) console.write(formatLine(line));
	log.onLine = line => console.write(formatLine(line));
}
