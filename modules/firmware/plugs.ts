/**
 * Which meter belongs to which line. A meter is known by its system title, whatever line it is on, so that plugs that were swapped mix no
 * values up; but somebody should hear of it. A line remembers the title that it had first, also over restarts.
 */
import { slotName } from "../health/boot-record.js";
import { note } from "../health/log.js";
import type { MeterState } from "../health/meter.js";
import { guard } from "./guard.js";
import type { Firmware, Line, MeterLine } from "./state.js";

/** The store's name of a line's title. */
const plugName = "plug";
/** So long after the last telegram on another meter's line it is still said. */
const toldMs = 300_000;

/** The title that line number `at` had before the boot; null where there was none, or is one line only. */
export function readTitle({ checked, ports }: Firmware, at: number): string | null {
	return checked.settings.plugs.length < 2 ? null : ports.store.read(slotName(plugName, at));
}

/** A telegram with a good tag came on the line. */
export function noteTitle(firmware: Firmware, line: Line, systemTitle: string, name: string, now: number): void {
	const { lines, log } = firmware;
	if (lines.length < 2 || line.title === systemTitle) return;
	const at = lines.indexOf(line);
	const home = lines.findIndex(({ title }) => title === systemTitle);
	if (home < 0) {
		line.title = systemTitle;
		guard(firmware, "store", ({ ports }) => ports.store.write(slotName(plugName, at), systemTitle), null);
		return;
	}
	line.tally.faults.swapped += 1;
	if (!isSwapped(line, now)) {
		note(log, `line ${at + 1}: ${name}, whose line is ${home + 1}: plugs were swapped; its values stay its own`, now);
		firmware.nextDiagnostics = now;
	}
	line.swappedTime = now;
}

/** Whether another line's meter sends on this one. */
export function isSwapped({ swappedTime }: Line, now: number): boolean {
	return now - swappedTime < toldMs;
}

/** How a meter is, of which its line tells most: that may be fine, and another meter's. */
export function stateOf({ line, online }: MeterLine, now: number): MeterState | "swapped" {
	const { state } = line.health;
	if (state !== "ok") return state;
	if (!online) return "silent";
	return isSwapped(line, now) ? "swapped" : state;
}

/** The lines are set anew: what they remember is over at the next boot. */
export function forgetTitles(firmware: Firmware): void {
	const { store } = firmware.ports;
	for (let at = 0; at < firmware.lines.length; at += 1) {
		const name = slotName(plugName, at);
		guard(firmware, "store", () => store.read(name) !== null && store.remove(name), null);
	}
}

/**
 * The meter's number, from 0, by which settings that are lists have a value for each: of the line that is its own; with one line its slot in the
 * store, in the order in which meters were heard first.
 */
export function numberOf(firmware: Firmware, line: Line, systemTitle: string | null, name: string): number {
	const { lines, bootRecord } = firmware;
	if (lines.length > 1) {
		const home = systemTitle === null ? -1 : lines.findIndex(({ title }) => title === systemTitle);
		return home >= 0 ? home : lines.indexOf(line);
	}
	const slot = bootRecord.meters.indexOf(name);
	return slot >= 0 ? slot : Math.max(0, bootRecord.meters.indexOf(null));
}

/** What people call the meter, or null. */
export function labelOf({ checked }: Firmware, name: string): string | null {
	for (const [end, label] of checked.settings.integrations.labels) if (name.endsWith(end)) return label;
	return null;
}

export function numberOfMeter(firmware: Firmware, { line, systemTitle, name }: MeterLine): number {
	return numberOf(firmware, line, systemTitle, name);
}
