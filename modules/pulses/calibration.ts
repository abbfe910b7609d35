/** A counter compared with the registers of the meter whose light it counts. */

/**
 * Pulses per kWh, from two telegrams between which the register grew: it grows in steps of 1 Wh, so that after 1 kWh the measure is good to
 * 0.1 %, and better the longer it goes on. A meter's light flashes for what comes and for what goes.
 */
export interface Calibration {
	/** The counter and the register, in Wh, when the measure began, which is at a step; null before. */
	beginCount: number;
	begin: number | null;
	/** The register in the last telegram. */
	last: number | null;
	/** Pulses per kWh; null before there is enough. */
	measured: number | null;
	/** The counter in the last telegram that said 0 W; null where it said anything else. */
	idleCount: number | null;
	/** Pulses that came while the meter said 0 W twice: light from elsewhere. */
	stray: number;
}

/** Wh. */
const enough = 1_000;

export function createCalibration(): Calibration {
	return { beginCount: 0, begin: null, last: null, measured: null, idleCount: null, stray: 0 };
}

/** Takes in a telegram: `register` is import and export together in Wh, `isIdle` that the meter says 0 W, `count` the counter now. */
export function calibrate(calibration: Calibration, register: number, isIdle: boolean, count: number): void {
	const { begin, last, idleCount } = calibration;
	if (isIdle && idleCount !== null) calibration.stray += count - idleCount;
	calibration.idleCount = isIdle ? count : null;
	calibration.last = register;
	if (last === null || register === last) return;
	// Another meter, or a register that was set back.
	if (register < last || begin === null) {
		calibration.begin = register < last ? null : register;
		calibration.beginCount = count;
		return;
	}
	const grown = register - begin;
	if (grown >= enough) calibration.measured = ((count - calibration.beginCount) * 1_000) / grown;
}

/** Pulses were not counted, or not all: what was measured so far says nothing. */
export function restartCalibration(calibration: Calibration): void {
	calibration.begin = null;
	calibration.last = null;
	calibration.idleCount = null;
}
