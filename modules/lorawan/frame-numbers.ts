/** Numbers of frames that never come again, whatever happens to the power. */
import type { Store } from "../ports/ports.js";

/**
 * They are reserved in blocks: the store has a greater number than any that was given out. Two places are written in turn, so that a
 * loss of power while one is written leaves the other, whose block was used up and is not given out again.
 */
export interface FrameNumbers {
	readonly store: Store;
	/** The next one. */
	next: number;
	/** Up to here, and without, numbers may be given out. */
	reserved: number;
	/** Which place is written next. */
	place: 0 | 1;
}

const names: readonly string[] = Object.freeze(["loraFrame0", "loraFrame1"]);
/** For one write of the store. */
export const reservedFrames = 64;
/** Where the first number is found: a store that was erased begins elsewhere each time. */
const firstNumbers = 0x40000000;
const numbers = 0x100000000;

/** Reads what the store has. `chance` gives the first number of all, from 0 to below 1. */
export function openFrameNumbers(store: Store, chance: () => number): FrameNumbers {
	const [one, other] = [readPlace(store, 0), readPlace(store, 1)];
	const next = one < 0 && other < 0 ? Math.floor(chance() * firstNumbers) : one > other ? one : other;
	return { store, next, reserved: next, place: one > other ? 1 : 0 };
}

/** The next number; -1 where the store does not keep it, and where there are no more. */
export function takeFrameNumber(frames: FrameNumbers): number {
	const { store, next } = frames;
	if (next >= frames.reserved) {
		const reserved = next + reservedFrames;
		if (reserved > numbers) return -1;
		try {
			store.write(names[frames.place], `${reserved}=${reserved}`);
		} catch {
			return -1;
		}
		if (readPlace(store, frames.place) !== reserved) return -1;
		frames.reserved = reserved;
		frames.place = frames.place === 0 ? 1 : 0;
	}
	frames.next = next + 1;
	return next;
}

/** -1 for none, or half of one: it is there twice. */
function readPlace(store: Store, place: 0 | 1): number {
	const text = store.read(names[place]) ?? "";
	const at = text.indexOf("=");
	const first = text.slice(0, at);
	return at > 0 && first === text.slice(at + 1) && Number(first) % 1 === 0 ? Number(first) : -1;
}
