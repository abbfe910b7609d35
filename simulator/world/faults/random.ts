/** Random times for faults, from the world's seed. */

import { type Chance, drawBetween } from "../../chance.js";
import { plan } from "../clock.js";
import type { World } from "../state.js";

/** The chance of whatever goes wrong. */
export function chanceOf(world: World): Chance {
	return world.chances.scenario;
}

export function between(world: World, low: number, high: number): number {
	return drawBetween(world.chances.scenario, low, high);
}

/** Undoes something after `delay` microseconds. */
export function later(world: World, delay: number, action: () => void): void {
	plan(world.clock, delay, action);
}
