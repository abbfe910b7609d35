/** Pulses at a meter's highest rate, and what goes wrong while they come. */

import { drawInteger } from "../../chance.js";
import { post, restart, type } from "../board/processor.js";
import { noteErase, setPulseRate } from "../board/pulses.js";
import { judgePulseCount, noteRate } from "../check/pulses.js";
import { minute, plan, second } from "../clock.js";
import type { World } from "../state.js";
import { cutPower } from "./power.js";
import { between, chanceOf } from "./random.js";

/** 3 × 100 A. */
const mostPulses = 350;

function changeRate(world: World, perSecond: number): void {
	const pulses = world.device.pulses!;
	setPulseRate(pulses, perSecond);
	noteRate(world, pulses);
}

/** Does `trouble` every now and then until `end`. */
function repeat(world: World, end: number, low: number, high: number, trouble: () => void): void {
	plan(world.clock, between(world, low, high), () => {
		if (world.clock.now >= end) return;
		trouble();
		repeat(world, end, low, high, trouble);
	});
}

/** The highest rate up to `end`, while flash is erased and the program computes for seconds; then what came is compared, to the last pulse. */
export function countExactly(world: World, end: number): void {
	const { device, clock } = world;
	plan(clock, 5 * second, () => changeRate(world, mostPulses));
	const pause = end - 2 * minute;
	repeat(world, pause, 3 * second, 20 * second, () => noteErase(device.pulses!));
	repeat(world, pause, 20 * second, 90 * second, () => {
		const cost = between(world, 0.5 * second, 8 * second);
		post(device, () => ({ kind: "alarm", json: "", bytes: new Uint8Array(0), cost }));
	});
	plan(clock, pause - clock.now, () => changeRate(world, 0));
	plan(clock, end - clock.now, () => judgePulseCount(world, device.pulses!));
}

/** Rates that change, restarts of every kind, and cuts of the power in and beside every write, from now up to `end`. */
export function losePulses(world: World, end: number): void {
	const { device, store } = world;
	const rates = [0, 1, 9, 51, 116, mostPulses];
	repeat(world, end, 0.5 * minute, 6 * minute, () =>
		changeRate(world, rates[drawInteger(chanceOf(world), rates.length)]!),
	);
	repeat(world, end, 3 * minute, 20 * minute, () => {
		world.restartWanted = true;
		type(device, "restart");
	});
	repeat(world, end, 5 * minute, 25 * minute, () => {
		if (device.on) restart(device, drawInteger(chanceOf(world), 2) === 0 ? "task watchdog" : "panic");
	});
	repeat(world, end, 4 * minute, 20 * minute, () => {
		store.cutAfter = drawInteger(chanceOf(world), 3);
	});
	repeat(world, end, 5 * minute, 25 * minute, () => cutPower(world));
}

/** Nothing flashes any more: what came must be told by the end. */
export function endPulses(world: World): void {
	changeRate(world, 0);
}
