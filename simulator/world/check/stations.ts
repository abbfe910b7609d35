/** Checks what the firmware says of several meters against what became of each. */

import { minute, second } from "../clock.js";
import type { Publication } from "../network/contract.js";
import type { Diagnostics, Station, World } from "../state.js";
import { longestGap } from "../stations.js";

/** So long diagnostics or a status may be under way, and so long after a change it may be told. */
const latest = 40 * second;
const settled = 7 * minute;
/** What a line may be said to be on which no meter was ever heard. */
const unheard = ["waiting", "silent", "noCable", "noise", "damaged", "wrongKey", "ok"];

/** A meter is not said to be online when it has been silent for long. */
export function checkStationStatus(
	world: World,
	station: Station,
	topic: string,
	{ payload, sentAt, will }: Publication,
): void {
	if (will) world.reportViolation(`${topic} is a last will, which is the reader's`);
	if (!station.isReadable) world.reportViolation(`${topic} is of a meter that cannot be read`);
	const silence = sentAt - station.receivedAt;
	if (payload !== "online" || silence <= longestGap(world, station) + latest) return;
	world.reportViolation(`${topic} is online, ${Math.round(silence / second)} s after the meter's last telegram`);
}

/** Each meter has an entry of its own; swapped plugs are said to be while they are, and not when they are not. */
export function judgeStations(world: World, { meters }: Diagnostics, sentAt: number): void {
	const { stations, device } = world;
	if (!world.sending || sentAt - device.bootedAt < settled) return;
	for (const station of stations) {
		const entry = meters.find(({ name }) => name === station.meter.serial);
		if (!station.isReadable) {
			if (entry !== undefined) world.reportViolation(`diagnostics have ${station.meter.serial}, which cannot be read`);
			continue;
		}
		if (sentAt - station.changedAt < settled || sentAt - station.receivedAt > longestGap(world, station)) continue;
		const wanted = station.plug === station.home ? "ok" : "swapped";
		if (entry?.state === wanted) continue;
		// A frame that is cut again and again, or a cable that is out, is told as such.
		if (station.cutShare > 0 && entry?.state === "damaged") continue;
		world.reportViolation(`${station.meter.serial} is said to be ${entry?.state ?? "nowhere"}, and is ${wanted}`);
	}
	judgeUnheard(world, meters);
}

function judgeUnheard({ stations, reportViolation }: World, meters: Diagnostics["meters"]): void {
	const states = meters.filter(({ name }) => name === null).map(({ state }) => state);
	for (const state of states) if (!unheard.includes(state)) reportViolation(`a line without a meter is ${state}`);
	const silent = stations.filter(({ habit }) => habit === "silent").length;
	const unreadable = stations.filter(({ habit, isReadable }) => habit !== "silent" && !isReadable).length;
	const count = (wanted: string) => states.filter(state => state === wanted).length;
	if (count("silent") < silent) reportViolation(`${count("silent")} lines are said to be silent, and ${silent} are`);
	if (count("wrongKey") < unreadable) {
		reportViolation(`${count("wrongKey")} lines are said to have a wrong key, and ${unreadable} have`);
	}
}
