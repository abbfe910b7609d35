/** How much of its slot the board's image is estimated to fill. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./modules.js";

/**
 * Bytes of an image that are not `mc.xs.c`: XS, ESP-IDF, lwIP, WiFi. Of the image of 27 November 2026 (`docs/verification.md`) 1 268 976
 * bytes were linked without WiFi, whose libraries take 361 KB more; with wpa_supplicant's cryptography and the full printf that makes
 * 1.73 to 1.76 MB, of which 634 736 bytes were `mc.xs.c`. This is the larger figure's rest, without the SDK's C files for I2C, SPI, ADC,
 * pulses, PWM, serial ports, pictures and X.509, which `manifest.json` has left out since: 36 607 bytes, compiled one by one as `mc.xs.c`
 * is. ESP-IDF's drivers for I2C, SPI, pulses and ADC went with them: 24 477 bytes, of which half are subtracted, because a linker takes
 * only what is called. Its driver for PWM and the SDK's older socket are gone, too, and not subtracted.
 */
const elsewhere = 1_760_000 - 634_736 - 36_607 - 24_477 / 2;
/** The most of its slot that the image may be estimated to fill: what the estimate does not know must fit as well. */
export const mostShare = 0.97;

export interface ImageEstimate {
	/** Bytes. */
	image: number;
	slot: number;
	/** Of the slot: below 1 it fits. */
	share: number;
	/** Bytes by which `mc.xs.c` may grow until the gate; below 0 it is too large. */
	left: number;
}

/** `linked`: bytes of flash that `mc.xs.c` takes. */
export function estimateImage(linked: number): ImageEstimate {
	const slot = readSlot();
	const image = Math.round(elsewhere) + linked;
	return { image, slot, share: image / slot, left: Math.floor(mostShare * slot) - image };
}

/** The smaller of the two slots of the partition table. */
function readSlot(): number {
	const table = readFileSync(join(root, "targets/lolin_d32/partitions.csv"), "utf8");
	const sizes = [...table.matchAll(/^ota_\d, .*, *(0x[0-9a-f]+)$/gm)].map(([, size]) => Number(size));
	if (sizes.length === 0) throw new Error("partitions.csv has no slot");
	return Math.min(...sizes);
}
