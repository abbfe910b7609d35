/** Faults of the data line, and recordings that are played on it. */

import { drawInteger, happens } from "../../chance.js";
import { damageFrame, damages, drawNoise } from "../../line.js";
import { connectCable, cutTransmission, disturb, holdBreak, transmit } from "../board/line.js";
import type { World } from "../state.js";
import { between, chanceOf, later } from "./random.js";

/** What goes wrong on the line. */

/** A line that spoils a share of the frames, with noise around them. */
export function damageLine(world: World, share: number): void {
	const chance = world.chances.line;
	world.damage = bytes => {
		if (!happens(chance, share)) return { pieces: [bytes], intact: true };
		const kind = drawInteger(chance, damages.length + 2);
		const damage = damages[kind];
		const before = drawNoise(chance);
		const after = drawNoise(chance);
		if (damage === undefined) return { pieces: [before, bytes, after], intact: true };
		const whole = new Uint8Array(Buffer.concat([before, damageFrame(bytes, damage, chance), after]));
		// A byte doubled at the end leaves the frame whole, and so does noise that happens to be what was cut off.
		const start = Buffer.from(whole.buffer).indexOf(bytes);
		if (start < 0) return { pieces: [whole], intact: false };
		return { pieces: [whole.subarray(0, start), bytes, whole.subarray(start + bytes.length)], intact: true };
	};
}

export function cleanLine(world: World): void {
	world.damage = bytes => ({ pieces: [bytes], intact: true });
}

export function makeNoise(world: World): void {
	const chance = world.chances.line;
	const kind = drawInteger(chance, 4);
	if (kind === 0) holdBreak(world.line);
	else if (kind === 1) disturb(world.line, drawInteger(chance, 256));
	else if (kind === 2) transmit(world.line, drawNoise(chance), -1);
	else cutTransmission(world.line);
}

export function pullCable(world: World, low: number, high: number): void {
	if (!world.line.connected) return;
	world.note("cable-out");
	connectCable(world.line, false);
	later(world, between(world, low, high), () => {
		connectCable(world.line, true);
		transmit(world.line, drawNoise(world.chances.line), -1);
		world.note("cable-in");
	});
}

/**
 * Somebody plays recorded frames to the device, between the meter's own. Not to one that has heard nothing of the meter since
 * its boot: what it remembers then is up to a quarter of an hour old, and so may be what it believes (docs/reliability.md).
 */
export function replayFrames(world: World): void {
	const { recorded, line, groundTruth, device } = world;
	const heard = groundTruth.sent.at(-1);
	if (recorded.length < 4 || heard === undefined || !heard.readable) return;
	if (heard.receivedAt < 0 || heard.bootEpoch !== device.bootEpoch) return;
	const chance = chanceOf(world);
	const count = 1 + drawInteger(chance, 6);
	const first = drawInteger(chance, recorded.length);
	world.note("replay", { frames: count });
	for (let at = first; at < Math.min(recorded.length, first + count); at++) {
		const { bytes, sent } = recorded[at]!;
		const frame = bytes.slice();
		sent.replayed = true;
		// Without its tag a frame is only as good as its CRC, and its counter proves nothing.
		if (happens(chance, 0.3)) frame[frame.length - 1]! ^= 1;
		transmit(line, frame, -1);
	}
}
