/** The console: what is typed is answered, and each new line of the log is written. */
import { formatLine } from "../health/log.js";
import { type ConsoleContext, interpret } from "../settings/console.js";
import { forgetLearnt } from "./counters.js";
import { describeStatus } from "./diagnostics.js";
import { forget } from "./forget.js";
import { guard } from "./guard.js";
import { keepConsole } from "./lines.js";
import { restartFirmware } from "./run.js";
import type { Firmware } from "./state.js";

export function openConsole(firmware: Firmware): void {
	const { ports, storage, built, log } = firmware;
	const console = ports.openConsole(line =>
		guard(
			firmware,
			"console",
			() => {
				keepConsole(firmware);
				answer(line);
			},
			null,
		),
	);
	const answer = (line: string) => {
		for (const text of interpret(panel, line)) console.write(text);
	};
	const panel: ConsoleContext = {
		storage,
		built,
		store: ports.store,
		medium: ports.medium,
		heap: ports.device.capacity.heap,
		readCertificates: ports.readCertificates,
		paste: null,
		describeStatus: () => describeStatus(firmware),
		describeLog: () => log.lines.map(formatLine),
		forgetLearnt: name => forgetLearnt(firmware, name),
		restart: () => restartFirmware(firmware),
		forget: name => forget(firmware, name),
	};
	for (const line of log.lines) console.write(formatLine(line));
	log.onLine = line => console.write(formatLine(line));
}
