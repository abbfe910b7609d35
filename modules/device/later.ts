/** What must not be done within an event. */
import Timer from "timer";
import type { Guard } from "../ports/guard.js";

/** Does `work` when the event that is being handled is over; where there is no memory for a timer, now: better so than never. */
export function doLater(guard: Guard, work: () => void): void {
	try {
		Timer.set(() => guard(work));
	} catch {
		guard(work);
	}
}
