/** Measures the firmware's heap over many telegrams. */

import { createXsEngine, type XsEngine } from "../engines/xs.js";
import type { VariantName } from "../xs/variants.js";
import { admitPatient, feedPatient, type Patient } from "./patient.js";

/** What is alive in the firmware's heap after so many telegrams. */
export interface Heap {
	telegrams: number;
	slots: number;
	/** Bytes. */
	chunks: number;
}

/** Runs the firmware in XS and looks at its heap after each of the counts, which must rise. */
export async function measureHeap(counts: readonly number[], variant: VariantName = "x64"): Promise<Heap[]> {
	const guest = new URL("./bridge/guest.ts", import.meta.url);
	const engine = await createXsEngine(guest, { variant, lines: false, timeout: 600_000 });
	const heaps: Heap[] = [];
	try {
		const patient = await admitPatient(engine);
		for (const count of counts) {
			await feedPatient(patient, count - patient.telegrams);
			heaps.push(await lookAt(engine, patient));
		}
	} finally {
		await engine.close();
	}
	return heaps;
}

/** Always at the same moment of the minute, right behind the telegram with which diagnostics went out. */
async function lookAt(engine: XsEngine, patient: Patient): Promise<Heap> {
	const before = patient.messages.diagnostics;
	while (patient.messages.diagnostics === before) await feedPatient(patient, 1);
	// The first time the latest reply is still alive.
	await engine.collect();
	await engine.collect();
	const { slots, chunks } = engine.figures;
	return { telegrams: patient.telegrams, slots, chunks };
}
