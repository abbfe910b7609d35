/** The restart of the device, a moment after it was asked for. */
import { expectRestart } from "../health/boot-record.js";
import { keepCounters } from "./counters.js";
import { guard } from "./guard.js";
import { keepPulses } from "./pulses.js";
import type { Firmware } from "./state.js";

const restartMs = 1_000;

/** Says goodbye to the broker, and restarts a moment later. */
export function planRestart(firmware: Firmware): void {
	firmware.uplink.leaving = true;
	firmware.restartTime = firmware.ports.clock.now() + restartMs;
}

export function runRestart(firmware: Firmware, now: number): void {
	const { ports, bootRecord } = firmware;
	if (now < firmware.restartTime) return;
	firmware.restartTime = now + 60_000;
	guard(firmware, "store", keepCounters, null);
	keepPulses(firmware);
	expectRestart(bootRecord, ports.store);
	ports.device.restart();
}
