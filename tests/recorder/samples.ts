/** Readings for the tests of the recorder, and a folder that is gone after them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Reading } from "../../recorder/entry.js";

/** Of one meter at `time` (UTC in seconds): energies in Wh, power as a mean of 1 kW. */
export function sample(time: number, imported: number, changes: Partial<Reading> = {}, exported = 0): Reading {
	return {
		kind: "reading",
		meter: "SAG1030700114004",
		time,
		verdict: "authenticated",
		clock: "meter",
		names: ["active_energy_import", "active_energy_export", "active_power_import", "active_power_export"],
		numbers: [imported, exported, 1_000, 0],
		texts: { identification: "Lux5\\253663629_D", version: "42" },
		...changes,
	};
}

export function makeFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), "smarty-recorder-"));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
