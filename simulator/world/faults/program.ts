/** The program itself is busy. */

import { drawInteger } from "../../chance.js";
import { byteTime } from "../board/line.js";
import { post } from "../board/processor.js";
import { plan, second } from "../clock.js";
import type { World } from "../state.js";
import { between, chanceOf } from "./random.js";

/**
 * While a frame comes, at any of its bytes, the program computes for seconds, as it does for a handshake: what follows waits in the
 * UART's ring. One frame in four has no such luck.
 */
export function standStill(world: World): void {
	const { clock, device } = world;
	world.damage = bytes => {
		if (drawInteger(chanceOf(world), 4) === 0) {
			const cost = between(world, 0.5 * second, 8 * second);
			world.note("stands-still", { ms: Math.round(cost / 1000) });
			plan(clock, drawInteger(chanceOf(world), bytes.length) * byteTime, () => {
				post(device, () => ({ kind: "alarm", json: "", bytes: new Uint8Array(0), cost }));
			});
		}
		return { pieces: [bytes], intact: true };
	};
}
