/** What a device does that hears nothing: adaptive data rate's way back (4.3.1.1). */
import { defaultMask, type LinkSettings, repairMask } from "./link.js";

/** Uplinks without a downlink after which the network is asked for one. */
export const adrAckLimit = 64;
/** So many more, and the next step is taken. */
const adrAckDelay = 32;

/**
 * Called before each new uplink with the count of those since the last downlink. Step by step: the most power, slower data rates, the
 * default channels. Says whether all of it was tried: then the network may have forgotten the device.
 */
export function backOff(link: LinkSettings, unanswered: number): boolean {
	const late = unanswered - adrAckLimit;
	if (late < adrAckDelay || late % adrAckDelay !== 0) return false;
	if (late === adrAckDelay) link.powerIndex = 0;
	else if (link.dataRate > 0) {
		link.dataRate -= 1;
		repairMask(link);
	} else if ((link.mask & defaultMask) !== defaultMask || link.transmissions > 1) {
		link.mask |= defaultMask;
		link.transmissions = 1;
	} else return true;
	return false;
}
