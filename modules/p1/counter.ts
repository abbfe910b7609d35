/**
 * Frame counters, one per system title. A meter raises its counter with each frame, so that an authenticated frame with a
 * counter that was passed is a recording. But a meter whose key was renewed starts from 0 again (E-Meter P1 Specification
 * 1.1.3, 3.2.5): three frames in a row with rising counters are believed.
 */
export interface FrameCounters {
	readonly meters: MeterCounter[];
}

interface MeterCounter {
	readonly systemTitle: string;
	/** The last counter that was admitted. */
	last: number;
	/** The last counter that was refused since. */
	refused: number;
	/** How many refused ones in a row were rising. */
	rising: number;
}

/** More meters than a board can have; the oldest is forgotten first. */
const most = 8;
const believed = 3;

export function createFrameCounters(): FrameCounters {
	return { meters: [] };
}

/** Whether an authenticated frame is new. */
export function admit(counters: FrameCounters, systemTitle: string, frameCounter: number): boolean {
	const { meters } = counters;
	const meter = meters.find(candidate => candidate.systemTitle === systemTitle);
	if (meter === undefined) {
		if (meters.length === most) meters.shift();
		meters.push({ systemTitle, last: frameCounter, refused: 0, rising: 0 });
		return true;
	}
	if (frameCounter <= meter.last) {
		meter.rising = meter.rising > 0 && frameCounter > meter.refused ? meter.rising + 1 : 1;
		meter.refused = frameCounter;
		if (meter.rising < believed) return false;
	}
	meter.last = frameCounter;
	meter.rising = 0;
	return true;
}
