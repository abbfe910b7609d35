/** Frames of a generated meter, for a board that has a clock of its own. */

import { createChance } from "../../simulator/chance.js";
import { createMeter, readMeter } from "../../simulator/meter.js";

export interface Supply {
	/** The frame of this moment, UTC in milliseconds, or a second after the one before; with the five longest messages there can be. */
	next(now: number, isLong: boolean): Uint8Array;
}

/** Sealed with the key, or in clear without one. A later supply's frames are newer than those of an earlier one, as the board wants them. */
export function createSupply(key: Uint8Array | null, start: number): Supply {
	// More than a telegram each ten seconds could have counted since 1970.
	const frameCounter = Math.floor(start / 1_000);
	const devices = [{ type: 3, id: "7FLO21990000123" }];
	const security = key === null ? "plain" : "authenticated";
	const meter = createMeter(createChance(start & 0xffff), start, { key, security, frameCounter, devices });
	return {
		next(now, isLong) {
			meter.messages = isLong ? new Array<string>(5).fill("M".repeat(1_024)) : [];
			return readMeter(meter, Math.max(now, meter.time + 1_000)).bytes;
		},
	};
}
