/** The state message of a counter of pulses. */
import type { CounterValues } from "../meter/latest.js";
import { formatTime } from "../p1/calendar.js";

/** `{"time":…,"count":…,"active_energy":…,"active_power":…}` in kWh and kW; without the time where nobody knows it. `time`: UTC in milliseconds. */
export function describePulses({ count, energy, power }: CounterValues, time: number | null): string {
	const begin = time === null ? "{" : `{"time":"${formatTime(time)}",`;
	const told = power === null ? "" : `,"active_power":${Math.round(power) / 1000}`;
	return `${begin}"count":${count},"active_energy":${energy / 1000}${told}}`;
}
