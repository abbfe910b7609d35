/** Whether a meter's clock and the computer's agree, where the computer's is right by itself. */
import { note } from "../health/log.js";
import type { Firmware } from "./state.js";

/** Further apart, one of them is wrong, or somebody plays a recording. */
const differenceMs = 3_600_000;

/** Says in the log when they begin to differ and when they agree again. Nothing else is made of it. `time`: the meter's, UTC. */
export function compareClocks(firmware: Firmware, time: number, now: number): void {
	const { clock } = firmware.ports;
	const own = clock.isRight === true ? clock.time() : null;
	if (own === null) return;
	const isFar = Math.abs(time - own) > differenceMs;
	const wasFar = firmware.clockDifference !== null;
	firmware.clockDifference = isFar ? Math.round((time - own) / 1_000) : null;
	if (isFar === wasFar) return;
	firmware.nextDiagnostics = now;
	const text = isFar ? `the meter's says ${describe(time)}, this computer's ${describe(own)}` : "both agree again";
	note(firmware.log, `clocks: ${text}`, now);
}

function describe(time: number): string {
	return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
