/** What the firmware does when the device's memory is short: the stages of `health/memory.ts`. */
import { noteRun } from "../health/boot-record.js";
import { note } from "../health/log.js";
import { advanceMemory, isAtLeast } from "../health/memory.js";
import { forgetPrepared } from "../p1/reader.js";
import { giveUpWaiting } from "../uplink/outbox.js";
import { endConnections } from "../web/server.js";
import { closeTelegramServer } from "../web/telegram-server.js";
import { noteException } from "./guard.js";
import type { Firmware } from "./state.js";
import { giveUpValues } from "./values.js";

/** Looks at the memory when it is time to, and gives up what its stage says. */
export function runMemory(firmware: Firmware, now: number): void {
	const { memory, outbox, bootRecord } = firmware;
	if (now < memory.deadline) return;
	for (; bootRecord.failures > 0; bootRecord.failures -= 1) noteException(firmware, "store", "a value was not written");
	noteRun(bootRecord, firmware.ports.store, now);
	look(firmware, now);
	if (isAtLeast(memory, "noClients")) for (const { reader } of firmware.wires) forgetPrepared(reader);
	if (isAtLeast(memory, "alone")) endClients(firmware);
	outbox.isHeld = isAtLeast(memory, "noLate");
	if (isAtLeast(memory, "latest")) memory.messages += giveUpWaiting(outbox) + giveUpValues(firmware);
}

/** Whether a client may come in: looked at anew, because clients come between two looks. */
export function hasRoomForClient(firmware: Firmware, now: number): boolean {
	const { memory } = firmware;
	look(firmware, now);
	if (!isAtLeast(memory, "noClients")) return true;
	memory.clients += 1;
	return false;
}

function look({ memory, ports, log }: Firmware, now: number): void {
	const current = ports.device.readMemory();
	if (!advanceMemory(memory, current, now)) return;
	note(log, `memory: ${memory.stage}, ${current?.free} bytes free`, now);
}

function endClients({ servers: { telegrams, web }, memory }: Firmware): void {
	for (const server of telegrams) {
		memory.clients += server.clients.length;
		closeTelegramServer(server);
	}
	if (web !== null) memory.clients += endConnections(web);
}
