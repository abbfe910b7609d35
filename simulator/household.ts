/** A house: what its appliances and its solar roof draw and deliver, phase by phase. */

import { shiftToLocal } from "./calendar.js";
import { type Chance, draw, drawBetween, drawInteger, happens } from "./chance.js";

/** What flows through the meter during a slice of time. One entry per phase; import is positive. */
export interface Flow {
	/** W. */
	active: number[];
	/** var. */
	reactive: number[];
	/** V. */
	voltage: number[];
}

interface Appliance {
	phase: number;
	/** W. */
	power: number;
	/** Milliseconds it still runs. */
	remaining: number;
}

/** A house with lights, kettles and ovens that come and go, and a solar roof under passing clouds. */
export interface Household {
	phases: 1 | 3;
	/** W at noon in June, without a cloud. */
	solarPeak: number;
	/** What is always on, W per phase. */
	base: number[];
	appliances: Appliance[];
	/** Share of the sunlight that passes the clouds. */
	clearness: number;
	voltage: number[];
}

export function createHousehold(phases: 1 | 3, solarPeak: number, chance: Chance): Household {
	const base: number[] = [];
	const voltage: number[] = [];
	for (let phase = 0; phase < phases; phase++) {
		base.push(Math.round(drawBetween(chance, 40, 160)));
		voltage.push(drawBetween(chance, 228, 236));
	}
	return { phases, solarPeak, base, appliances: [], clearness: drawBetween(chance, 0.4, 1), voltage };
}

/** Lets `duration` milliseconds pass up to `time` (UTC in milliseconds); the flow is the mean over them. */
export function runHousehold(household: Household, time: number, duration: number, chance: Chance): Flow {
	const local = shiftToLocal(time);
	const hour = local.getUTCHours() + local.getUTCMinutes() / 60;
	startAppliances(household, hour, duration, chance);
	household.clearness = clamp(household.clearness + drawBetween(chance, -0.06, 0.06), 0.15, 1);
	const solar = (household.solarPeak * household.clearness * sunlight(hour, local.getUTCMonth())) / household.phases;
	const flow: Flow = { active: [], reactive: [], voltage: [] };
	for (let phase = 0; phase < household.phases; phase++) {
		let load = household.base[phase]! * drawBetween(chance, 0.9, 1.1);
		for (const appliance of household.appliances) {
			if (appliance.phase === phase) load += appliance.power * Math.min(1, appliance.remaining / Math.max(duration, 1));
		}
		const active = Math.round(load - solar);
		// Converters and standby power are capacitive, motors inductive: the sign changes from time to time.
		const reactive = Math.round(load * drawBetween(chance, -0.12, 0.18));
		const drift = household.voltage[phase]! + drawBetween(chance, -0.4, 0.4);
		household.voltage[phase] = clamp(drift, 224, 240);
		flow.active.push(active);
		flow.reactive.push(reactive);
		flow.voltage.push(Math.round(household.voltage[phase]! - active / 2500));
	}
	for (const appliance of household.appliances) appliance.remaining -= duration;
	household.appliances = household.appliances.filter(appliance => appliance.remaining > 0);
	return flow;
}

function startAppliances(household: Household, hour: number, duration: number, chance: Chance): void {
	const busy = hour < 6 ? 0.4 : hour < 9 ? 4 : hour < 17 ? 2 : hour < 23 ? 6 : 1;
	if (!happens(chance, Math.min(0.8, (busy * duration) / 3_600_000))) return;
	household.appliances.push({
		phase: drawInteger(chance, household.phases),
		power: Math.round(80 + 3000 * draw(chance) ** 2),
		remaining: Math.round(drawBetween(chance, 2, 45) * 60_000),
	});
}

/** From 0 at night to 1 at noon in June; `hour` is local, `month` from 0. */
function sunlight(hour: number, month: number): number {
	const season = Math.cos(((month - 5.5) / 6) * Math.PI);
	const halfDay = 6.1 + 1.9 * season;
	const angle = (hour - 13) / halfDay;
	return Math.abs(angle) >= 1 ? 0 : Math.cos((angle * Math.PI) / 2) * (0.65 + 0.35 * season);
}

function clamp(value: number, low: number, high: number): number {
	return Math.min(high, Math.max(low, value));
}
