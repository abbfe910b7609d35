/** The hour that a board has in memory, given to a firmware that has read nothing yet. For guests. */

import type { Recent } from "../modules/history/recent.js";

/** The hour in memory, as it lies there (`modules/history/recent.ts`), for the bridge. */
export interface Remembered extends Pick<Recent, "shapes" | "open" | "nextFirst"> {
	bytes: number[];
	states: number[];
	marks: number[];
}

/** Puts an hour into the memory of a firmware that has read nothing yet. */
export function remember(recent: Recent, remembered: Remembered): void {
	const { bytes, states, shapes, marks, open, nextFirst } = remembered;
	recent.bytes = Uint8Array.from(bytes);
	recent.states = Uint8Array.from(states);
	recent.marks.set(marks);
	for (let at = 0; at < shapes.length; at += 1) recent.shapes[at] = shapes[at]!;
	for (const block of open) recent.open.push(block);
	recent.nextFirst = nextFirst;
}
