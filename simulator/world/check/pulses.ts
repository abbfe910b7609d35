/** Checks what is said of a counter of pulses against the pulses that came. */

import { countPulses, type WorldPulses } from "../board/pulses.js";
import { second } from "../clock.js";
import type { Publication } from "../network/contract.js";
import type { PulseChecker, World } from "../state.js";

/** As in the settings of the scenario. */
export const pulseConstant = 16_667;
/** Between two looks, with all that the program may do in between; and between two writes. */
const lookTime = 10 * second;
const writeTime = 75 * second;
/** After so long with one rate the power is told as it is; a message may have waited for the broker. */
const settled = 75 * second;

export function createPulseChecker(): PulseChecker {
	return { count: 0, energy: 0, missing: 0, steadySince: 0, messages: 0, marks: [] };
}

/** The device ends: `isLost` where the power does. */
export function notePulseLoss(world: World, pulses: WorldPulses, isLost: boolean): void {
	const { pulseChecker, clock } = world;
	pulseChecker.steadySince = clock.now;
	mark(world, pulses);
	pulseChecker.missing += pulses.total - totalAt(pulseChecker, clock.now - (isLost ? writeTime : lookTime));
}

/** How many have come by now, for losses that are reckoned back from a later moment. */
function mark({ pulseChecker: { marks }, clock }: World, pulses: WorldPulses): void {
	countPulses(pulses);
	marks.push({ time: clock.now, total: pulses.total });
	while (marks.length > 1 && marks[1]!.time <= clock.now - writeTime) marks.shift();
}

/** No more than had come at this time. */
function totalAt({ marks }: PulseChecker, time: number): number {
	let total = 0;
	for (const known of marks) if (known.time <= time) total = known.total;
	return total;
}

export function noteRate(world: World, pulses: WorldPulses): void {
	world.pulseChecker.steadySince = world.clock.now;
	mark(world, pulses);
}

export function judgePulses(world: World, pulses: WorldPulses, { topic, payload, sentAt }: Publication): void {
	const { pulseChecker } = world;
	const message = JSON.parse(payload) as { count: number; active_energy: number; active_power?: number };
	const { count, active_energy: energy, active_power: power } = message;
	mark(world, pulses);
	if (count < pulseChecker.count) world.reportViolation(`${topic} fell from ${pulseChecker.count} to ${count} pulses`);
	if (energy < pulseChecker.energy) world.reportViolation(`${topic} fell from ${pulseChecker.energy} to ${energy} kWh`);
	if (count > pulses.total) world.reportViolation(`${topic} has ${count} pulses, and ${pulses.total} came`);
	// In whole numbers, and not as the firmware reckons.
	const wattHours = Number((BigInt(count) * 1_000n) / BigInt(pulseConstant));
	if (energy !== wattHours / 1_000) world.reportViolation(`${topic} has ${energy} kWh for ${count} pulses`);
	if (pulses.interval > 0 && power !== undefined && sentAt - pulseChecker.steadySince > settled) {
		const kilowatts = ((3.6e6 / pulseConstant) * (1_000_000 / pulses.interval)) / 1_000;
		if (Math.abs(power / kilowatts - 1) > 0.02)
			world.reportViolation(`${topic} has ${power} kW, and it is ${kilowatts}`);
	}
	pulseChecker.count = count;
	pulseChecker.energy = energy;
	pulseChecker.messages += 1;
}

/** After a while without pulses all that came is told, but for what losses took. */
export function judgePulseCount(world: World, pulses: WorldPulses): void {
	const { count, missing, messages } = world.pulseChecker;
	countPulses(pulses);
	world.note("pulses", { came: pulses.total, told: count, missing });
	if (count < pulses.total - missing) {
		world.reportViolation(`${count} pulses were told, and ${pulses.total} came, of which ${missing} may be lost`);
	}
	if (messages === 0) world.reportViolation("no pulses were ever told");
}
