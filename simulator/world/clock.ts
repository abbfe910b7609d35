/**
 * The world's time: whole microseconds from its beginning, because a byte at 115200 baud takes 87 of them. Actions happen in
 * the order of their times, and those of one time in the order in which they were planned.
 */
export interface WorldClock {
	now: number;
	/** A binary heap, the earliest plan first. */
	readonly plans: Plan[];
	planned: number;
}

export interface Plan {
	readonly at: number;
	readonly order: number;
	/** Null once it is done or cancelled. A promise is waited for: nothing else happens meanwhile. */
	action: (() => void | Promise<void>) | null;
}

export const second = 1_000_000;
export const minute = 60 * second;
export const hour = 60 * minute;

export function createWorldClock(): WorldClock {
	return { now: 0, plans: [], planned: 0 };
}

/** Plans an action `delay` microseconds from now. Throws for a delay that is negative or no number. */
export function plan(clock: WorldClock, delay: number, action: () => void | Promise<void>): Plan {
	if (!(delay >= 0)) throw new RangeError(`nothing can be planned ${delay} µs from now`);
	const added: Plan = { at: clock.now + Math.round(delay), order: clock.planned++, action };
	const { plans } = clock;
	let at = plans.push(added) - 1;
	while (at > 0) {
		const parent = (at - 1) >> 1;
		if (!isBefore(added, plans[parent]!)) break;
		plans[at] = plans[parent]!;
		at = parent;
	}
	plans[at] = added;
	return added;
}

/** A plan that is done, cancelled or null is ignored. */
export function cancel(planned: Plan | null): void {
	if (planned !== null) planned.action = null;
}

/** Lets time pass up to `end`, with everything that is planned until then and then. Rejects with what an action throws. */
export async function runUntil(clock: WorldClock, end: number): Promise<void> {
	for (;;) {
		const next = clock.plans[0];
		if (next === undefined || next.at > end) break;
		removeFirst(clock.plans);
		const { action } = next;
		if (action === null) continue;
		next.action = null;
		clock.now = next.at;
		const pending = action();
		if (pending !== undefined) await pending;
	}
	if (clock.now < end) clock.now = end;
}

function isBefore(one: Plan, other: Plan): boolean {
	return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function removeFirst(plans: Plan[]): void {
	const last = plans.pop()!;
	const count = plans.length;
	if (count === 0) return;
	let at = 0;
	for (;;) {
		let child = 2 * at + 1;
		if (child >= count) break;
		if (child + 1 < count && isBefore(plans[child + 1]!, plans[child]!)) child += 1;
		if (!isBefore(plans[child]!, last)) break;
		plans[at] = plans[child]!;
		at = child;
	}
	plans[at] = last;
}
