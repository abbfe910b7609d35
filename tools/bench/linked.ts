/** The size of the firmware as the Moddable SDK links it. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findModdable, linkEsp32 } from "../sdk/build.js";
import { estimateImage } from "../sdk/image.js";

/** The firmware as the Moddable SDK links it for the ESP32 into `mc.xs.c`, with the SDK's own modules. */
export interface LinkedSize {
	/** Bytes of flash. */
	flash: number;
	/** Of these, objects and elements of arrays. */
	objects: number;
	/** The whole image as estimated, and the share of its slot. */
	image: number;
	share: number;
	/** Bytes of RAM for what may be written at run time. */
	aliases: number;
}

/** Null without the SDK, without ESP-IDF, whose headers and settings its makefile wants, or without a compiler for Xtensa. */
export async function measureLinked(env: NodeJS.ProcessEnv): Promise<LinkedSize | null> {
	const moddable = findModdable(env);
	if (moddable === null || env.IDF_PATH === undefined) return null;
	const folder = mkdtempSync(join(tmpdir(), "smarty-linked-"));
	try {
		const { flash, slots, aliases } = await linkEsp32({ moddable, folder });
		if (flash === null) return null;
		const { image, share } = estimateImage(flash);
		return { flash, objects: slots * 16, image, share, aliases: aliases * 4 };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
