/** Faults of the power supply. */

import { drawInteger, happens } from "../../chance.js";
import { drawNoise } from "../../line.js";
import { transmit } from "../board/line.js";
import { restart, switchOff, switchOn, type } from "../board/processor.js";
import { second } from "../clock.js";
import type { World } from "../state.js";
import { between, chanceOf, later } from "./random.js";

/** What goes wrong with the supply. */

/** The power goes and comes back, sometimes twice before the boot is done, and with noise on the line. */
export function cutPower(world: World): void {
	const { device } = world;
	if (!device.on) return;
	const reason = happens(chanceOf(world), 0.3) ? "brown-out" : "power on";
	if (reason === "brown-out") {
		restart(device, "brown-out");
	} else {
		switchOff(device, "power cut");
		later(world, between(world, 0.3 * second, 40 * second), () => switchOn(device, reason));
	}
	transmit(world.line, drawNoise(world.chances.line), -1);
	if (happens(chanceOf(world), 0.2)) later(world, between(world, 0, 3 * second), () => cutPower(world));
}

/** The next operations on the flash, or one of them, will be the last before the power goes. */
export function cutPowerInFlash(world: World): void {
	world.flash.cutAfter = drawInteger(chanceOf(world), 4);
}

/** The owner changes a setting, and the power goes in one of the next writes, mostly in that of the settings. */
export function cutPowerInSettings(world: World): void {
	const { device, store } = world;
	if (!device.on) return;
	store.cutAfter = happens(chanceOf(world), 0.8) ? 0 : 1;
	type(device, `set deadBand power=${1 + drawInteger(chanceOf(world), 500)}`);
}

/** One of the next writes of whatever is kept will be the last before the power goes. */
export function cutPowerInStore(world: World): void {
	world.store.cutAfter = drawInteger(chanceOf(world), 4);
}
