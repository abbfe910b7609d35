/** Fingerprints of the sheets that files are derived from. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The file with the fingerprints, in the format of `sha256sum`. */
export const fingerprints = "derived-from.sha256";

const sources: readonly string[] = [
	"p1-adapter.kicad_sch",
	"led-reader.kicad_sch",
	"three-meters.kicad_sch",
	"six-meters.kicad_sch",
];

/**
 * Fingerprints of the sheets. They are written when files are derived, so that a machine without KiCad also notices when a sheet
 * was changed afterwards.
 */
export function createFingerprints(hardware: URL): string {
	const lines = sources.map(name => {
		const digest = createHash("sha256")
			.update(readFileSync(new URL(name, hardware)))
			.digest("hex");
		return `${digest}  ${name}\n`;
	});
	return lines.join("");
}
