/** What happens to the meter: a renewed key, another meter. */

import { drawInteger } from "../../chance.js";
import { createMeter, type MeterOptions, renewKey } from "../../meter.js";
import { type } from "../board/processor.js";
import { second } from "../clock.js";
import type { World } from "../state.js";
import { drawKey } from "../world.js";
import { between, later } from "./random.js";

/** What becomes of the meter and of its key. */

/** The grid operator renews the key; the owner types it in some time later. */
export function renewMeterKey(world: World, low: number, high: number): void {
	const { meter } = world;
	if (meter.key === null || !sameBytes(meter.key, world.key)) return;
	renewKey(meter, drawKey(world.chances.meter));
	world.note("key-renewed");
	later(world, between(world, low, high), () => typeKey(world));
}

/** Another meter takes the place of this one, and begins at low registers. */
export function replaceMeter(world: World, low: number, high: number): void {
	const { meter, chances } = world;
	if (meter.key === null || !sameBytes(meter.key, world.key)) return;
	const systemTitle = meter.systemTitle.slice();
	systemTitle[7] = (systemTitle[7]! + 1) & 0xff;
	const options: MeterOptions = {
		key: drawKey(chances.meter),
		systemTitle,
		activeEnergyImport: drawInteger(chances.meter, 500),
		activeEnergyExport: 0,
		devices: world.options.meter?.devices ?? [],
	};
	world.meter = createMeter(chances.meter, meter.time, options);
	world.note("meter-replaced", { serial: world.meter.serial });
	later(world, between(world, low, high), () => typeKey(world));
}

/**
 * The owner gives the device the meter's key, again and again until it is taken. Counts from here on as the device's key: until it
 * restarts, frames are not read.
 */
export function typeKey(world: World): void {
	const { device, meter } = world;
	if (meter.key === null || sameBytes(meter.key, world.key)) return;
	later(world, 10 * second, () => typeKey(world));
	if (!device.on) return;
	world.restartWanted = true;
	type(device, `set key ${Buffer.from(meter.key).toString("hex")}`);
	type(device, "restart");
	world.formerKey = world.key;
	world.key = meter.key;
	world.note("key-typed");
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
	return one.every((byte, at) => byte === other[at]);
}
