/** Runs the world's clock at the speed of the computer's. */

import type { WorldClock } from "../clock.js";
import { runUntil } from "../clock.js";

/** Lets the world's time pass as fast as the computer's, and brings in what happens outside of the world. */
export interface Realtime {
	readonly clock: WorldClock;
	/** What happened outside and the world has not heard of, oldest first. */
	readonly news: (() => void)[];
	/** Ends the pause until the next plan. */
	wake: () => void;
	ended: boolean;
}

export function createRealtime(clock: WorldClock): Realtime {
	return { clock, news: [], wake: () => {}, ended: false };
}

/** Lets something happen in the world as soon as it has caught up with now, and never in the middle of something else. */
export function enqueueExternal(realtime: Realtime, happening: () => void): void {
	realtime.news.push(happening);
	realtime.wake();
}

/** No plan is carried out after this, apart from those that are due. */
export function endRealtime(realtime: Realtime): void {
	realtime.ended = true;
	realtime.wake();
}

/** Lives until `endPace`. Rejects with what an action of the world throws. */
export async function keepRealtime(realtime: Realtime): Promise<void> {
	const { clock, news } = realtime;
	// The world may have lived for a while already.
	const beginning = performance.now() - clock.now / 1000;
	while (!realtime.ended) {
		await runUntil(clock, Math.max(clock.now, Math.floor((performance.now() - beginning) * 1000)));
		if (news.length > 0) {
			for (const happening of news.splice(0)) happening();
			continue;
		}
		const next = clock.plans[0];
		const due = next === undefined ? Infinity : beginning + next.at / 1000;
		if (!realtime.ended) await pause(realtime, due - performance.now());
	}
}

/** At most so many milliseconds, a second at a time. */
async function pause(realtime: Realtime, duration: number): Promise<void> {
	if (duration <= 0) return;
	await new Promise<void>(resolve => {
		const timer = setTimeout(resolve, Math.min(1000, duration));
		realtime.wake = () => {
			clearTimeout(timer);
			resolve();
		};
	});
	realtime.wake = () => {};
}
