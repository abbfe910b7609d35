/** Recordings that are played to a device that has just booted. */

import { drawInteger, happens } from "../../chance.js";
import { transmit } from "../board/line.js";
import { restart, type } from "../board/processor.js";
import { minute, second } from "../clock.js";
import type { World } from "../state.js";
import { cleanLine } from "./line.js";
import { between, chanceOf, later } from "./random.js";

/** What the device may have forgotten when its power was cut: the frames of a quarter of an hour (docs/reliability.md). */
const forgotten = 16 * minute;
/** Longer than the time after which the device believes a meter's clock that was set back. */
const silence = 70 * second;

/**
 * Somebody takes the meter's plug out and makes the device boot: by its supply, or with a restart that it knows of. When it has heard
 * nothing for more than a minute, recordings are played, which nothing that the device has in memory can tell from the meter.
 */
export function playToNewBoot(world: World): void {
	const { device } = world;
	if (!device.on) return;
	world.damage = () => ({ pieces: [], intact: false });
	const isPlanned = happens(chanceOf(world), 0.5);
	world.note("unplugged", { isPlanned });
	const heardAt = world.clock.now - (isPlanned ? 0 : forgotten);
	// The last frame is through by then.
	later(world, 2 * second, () => {
		if (isPlanned) {
			world.restartWanted = true;
			type(device, "restart");
		} else {
			restart(device, "brown-out");
		}
	});
	const begin = silence + between(world, 10 * second, 2 * minute);
	later(world, begin, () => playFrames(world, heardAt));
	later(world, begin + 30 * second, () => cleanLine(world));
}

/** Three to eight in a row of those that the device had heard at this time. */
function playFrames(world: World, heardAt: number): void {
	const { recorded, line } = world;
	const known = recorded.filter(({ sent }) => sent.receivedAt >= 0 && sent.receivedAt < heardAt && sent.readable);
	if (known.length === 0) return;
	const chance = chanceOf(world);
	const count = 3 + drawInteger(chance, 6);
	const first = Math.max(0, drawInteger(chance, known.length) - count);
	world.note("replay", { frames: count });
	for (const { bytes, sent } of known.slice(first, first + count)) {
		sent.replayed = true;
		transmit(line, bytes, -1);
	}
}
