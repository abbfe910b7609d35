/**
 * Frame counters, one per system title. A meter raises its counter with each frame, so that an authenticated frame with a
 * counter that was passed is a recording. A meter whose key was renewed starts from 0 again, and stops at FFFFFFFF (E-Meter P1
 * Specification 1.1.3, 3.2.5). One that starts again with the same key is none of the specification; three of its frames in a row
 * with rising counters are believed, if their clock does not go back as a recording's does. Without a clock nothing tells them apart,
 * and they are not.
 */
export interface FrameCounters {
	readonly meters: MeterCounter[];
}

export interface MeterCounter {
	readonly systemTitle: string;
	/** The last counter that was admitted, or -1. */
	last: number;
	/** The meter's clock in the last telegram that was admitted and had one. */
	clock: number | null;
	/** The last counter that was passed already, and yet may be one of a renewed key. */
	lower: number;
	/** How many of these in a row were rising. */
	rising: number;
	/** Good tags in a row, for the policy `automatic`. */
	tags: number;
	/** Which key opened its frames, or -1. */
	key: number;
}

/** More meters than a board can have; the oldest is forgotten first. */
const most = 8;
const believed = 3;

export function createFrameCounters(): FrameCounters {
	return { meters: [] };
}

export function findMeter(counters: FrameCounters, systemTitle: string): MeterCounter {
	const { meters } = counters;
	const known = meters.find(candidate => candidate.systemTitle === systemTitle);
	if (known !== undefined) return known;
	if (meters.length === most) meters.shift();
	const meter = { systemTitle, last: -1, clock: null, lower: 0, rising: 0, tags: 0, key: -1 };
	meters.push(meter);
	return meter;
}

/** The key that opened this title's frames, or -1. */
export function findKey({ meters }: FrameCounters, systemTitle: string): number {
	for (const meter of meters) if (meter.systemTitle === systemTitle) return meter.key;
	return -1;
}

/** What is known from before the boot: an authenticated telegram's counter and clock, the good tags in a row up to it, and its key. */
export function restoreCounter(
	counters: FrameCounters,
	systemTitle: string,
	last: number,
	clock: number | null,
	tags: number,
	key: number,
): void {
	Object.assign(findMeter(counters, systemTitle), { last, clock, tags, key });
}

/** Whether an authenticated frame whose counter is not above the last one is to be believed all the same. */
export function believeLower(meter: MeterCounter, frameCounter: number, clock: number | null): boolean {
	if (clock === null || (meter.clock !== null && clock < meter.clock)) return false;
	meter.rising = meter.rising > 0 && frameCounter > meter.lower ? meter.rising + 1 : 1;
	meter.lower = frameCounter;
	return meter.rising >= believed;
}

/** Notes the counter and the clock of an authenticated telegram that was accepted. */
export function admit(meter: MeterCounter, frameCounter: number, clock: number | null): void {
	meter.last = frameCounter;
	meter.clock = clock ?? meter.clock;
	meter.rising = 0;
}
