/** How much of its slot the board's image is estimated to fill. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./modules.js";

/**
 * Bytes of an image that are not `mc.xs.c`: XS, ESP-IDF, lwIP, WiFi. The image of 30 November 2026 was linked whole
 * (`docs/verification.md`), with WiFi's libraries and wpa_supplicant: 1 784 864 bytes, of which `mc.xs.c.o` had 780 496. The engine
 * for regular expressions, in it then, is not linked any more: `xsre.c.o` and `xsRegExp.c.o` had 31 808.
 */
const elsewhere = 1_784_864 - 780_496 - 31_808;
/** The most of its slot that the image may be estimated to fill: what the estimate does not know must fit as well. */
export const mostShare = 0.97;
/** The same with a LoRa radio, whose slot is larger: an image that was linked whole had 0.5 % more than the estimate. */
export const mostShareWithRadio = 0.99;

export interface ImageEstimate {
	/** Bytes. */
	image: number;
	slot: number;
	/** Of the slot: below 1 it fits. */
	share: number;
	/** Bytes by which `mc.xs.c` may grow until the gate; below 0 it is too large. */
	left: number;
}

/** `linked`: bytes of flash that `mc.xs.c` takes, for a board with WiFi; `target` is a folder of `targets/`, `most` the share that is let pass. */
export function estimateImage(linked: number, target = "lolin_d32", most = mostShare): ImageEstimate {
	const slot = readSlot(target);
	const image = elsewhere + linked;
	return { image, slot, share: image / slot, left: Math.floor(most * slot) - image };
}

/** The smaller of the two slots of the partition table. */
function readSlot(target: string): number {
	const table = readFileSync(join(root, `targets/${target}/partitions.csv`), "utf8");
	const sizes = [...table.matchAll(/^ota_\d, .*, *(0x[0-9a-f]+)$/gm)].map(([, size]) => Number(size));
	if (sizes.length === 0) throw new Error("partitions.csv has no slot");
	return Math.min(...sizes);
}
