/** The status topics of meters: retained, `online` while a meter's telegrams come, and else `offline`. */
import { staleMs } from "../health/meter.js";
import { statusTopic } from "../messages/topics.js";
import { offer } from "../uplink/outbox.js";
import { createStatus } from "../uplink/session.js";
import { isOnline } from "../uplink/uplink.js";
import type { Firmware, MeterLine } from "./state.js";

/** A meter that misses so many of its telegrams is offline, unless `staleMs` is longer. */
const missedTelegrams = 3;

/** When a meter is offline if no telegram of it comes before, monotonic milliseconds. */
function offlineTime({ lastTelegram, line }: MeterLine): number {
	return lastTelegram + Math.max(staleMs, missedTelegrams * line.interval);
}

/** When `runStatus` has something to do at the latest, or Infinity. */
export function statusDeadline({ meters, absentTime }: Firmware): number {
	let deadline = absentTime;
	for (const meter of meters) if (meter.online) deadline = Math.min(deadline, offlineTime(meter));
	return deadline;
}

/** Says which meters have gone. */
export function runStatus(firmware: Firmware, now: number): void {
	for (const meter of firmware.meters) {
		if (!meter.online || now < offlineTime(meter)) continue;
		meter.online = false;
		tellStatus(firmware, meter);
	}
	if (now < firmware.absentTime) return;
	firmware.absentTime = Infinity;
	tellAbsent(firmware);
}

export function tellStatus(firmware: Firmware, { name, online }: MeterLine): void {
	if (isOnline(firmware.uplink)) tell(firmware, name, online);
}

/**
 * Says of all meters what they are: for a new connection, and now and then, because another reader of the same meter says
 * `offline` on the same topic when it goes.
 */
export function tellAllStatuses(firmware: Firmware): void {
	for (const { name, online } of firmware.meters) tell(firmware, name, online);
	if (firmware.absentTime === Infinity) tellAbsent(firmware);
}

/** Meters that were known before the boot, and that have not sent since. */
function tellAbsent(firmware: Firmware): void {
	if (!isOnline(firmware.uplink)) return;
	for (const name of firmware.bootRecord.meters) {
		if (name !== null && !firmware.meters.some(meter => meter.name === name)) tell(firmware, name, false);
	}
}

function tell({ outbox, uplink }: Firmware, name: string, online: boolean): void {
	offer(outbox, createStatus(statusTopic(uplink.settings.base, name), online));
}
